// A platform that is killed: opens the folder, says so, does what it is told, and reports each hint.
import { createLogger } from '@switchyard/observability';
import { ProcessOrchestrator } from '../../../dist/orchestrators/process/process-orchestrator.js';

const { options, archives, steps } = JSON.parse(process.argv[2]);
const orchestrator = await ProcessOrchestrator.open({
  ...options,
  logger: createLogger({ level: 'warn' }),
  runners: new Map(),
  fetchArtifact: async (digest) => archives[digest],
});
orchestrator.onChange(() => process.send('changed'));
process.send('open');
for (const [method, ...args] of steps) {
  await orchestrator[method](...args);
  process.send('told');
}
// Looks do not hold the process up.
setInterval(() => undefined, 1000);

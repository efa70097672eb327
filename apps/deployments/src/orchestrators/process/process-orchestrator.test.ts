import { describeOrchestrator } from '../contract/orchestrator-contract.js';
import { TestOrchestrator } from '../contract/test-orchestrator.js';

describeOrchestrator('The process orchestrator', async () => {
  const test = await TestOrchestrator.open();
  const pack = (code: string) => test.artifacts.pack({ 'index.js': code });
  return {
    orchestrator: test.orchestrator,
    artifacts: {
      good: await pack(`console.log('started'); module.exports = (req, res) => res.end('hello');`),
      silent: await pack(
        `module.exports = { name: 'silent', load: () => new Promise(() => setInterval(() => {}, 1000)) };`,
      ),
      crashing: await pack(`process.exit(1);`),
      missing: `sha256:${'0'.repeat(64)}`,
    },
    crash: async ({ pid }) => void process.kill(pid!, 'SIGKILL'),
    close: () => test.close(),
  };
});

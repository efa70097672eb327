import type { Digest } from '@switchyard/artifacts';
import { describeOrchestrator } from '../contract/orchestrator-contract.js';
import type { FakeBehaviour } from './fake-instance.js';
import { FakeOrchestrator } from './fake-orchestrator.js';

const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const artifacts = { good: digest('a'), silent: digest('b'), crashing: digest('c'), missing: digest('d') };
const behaviours: Record<Digest, FakeBehaviour> = {
  [artifacts.silent]: 'silent',
  [artifacts.crashing]: 'crashing',
  [artifacts.missing]: 'missing',
};

describeOrchestrator('The fake', async () => {
  const orchestrator = new FakeOrchestrator({ behaviour: (asked) => behaviours[asked] ?? 'ready' });
  return {
    orchestrator,
    artifacts,
    crash: async ({ instanceId }) => orchestrator.crash(instanceId),
    close: async () => undefined,
  };
});

import { applyCommand } from './apply-command.js';
import { estimatedCompletionAt } from './estimated-completion-at.js';
import { accept, Rollout } from './simulation/rollout.js';
import { good, World } from './simulation/world.js';

describe('estimatedCompletionAt', () => {
  it('is what is left of the stages, and unknown while somebody else decides', () => {
    const world = new World({ stableInstances: 10, requestsPerSecond: 50, candidate: good() });
    const values = { stages: '10,100', stageInterval: '60' };
    const run = new Rollout(world, accept(world, { strategy: 'Canary', values, totalInstances: 10 }));
    const left = () => {
      const at = estimatedCompletionAt(run.deployment, world.now);
      return at === null ? null : at - world.now;
    };
    expect(left()).toBeNull();
    run.look();
    expect(left()).toBe(120_000);
    for (const milliseconds of [0, 2_000, 1_000, 20_000]) {
      world.pass(milliseconds);
      run.look();
    }
    expect(left()).toBe(100_000);
    const paused = applyCommand(run.deployment, { type: 'pause', actor: 'bob' }, world.now);
    if (!paused.ok) throw new Error(paused.reason);
    expect(estimatedCompletionAt({ ...run.deployment, state: paused.state }, world.now)).toBeNull();
    run.run();
    expect(left()).toBeNull();
  });
});

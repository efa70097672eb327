import { command, observing, rolling, rollout, until } from './simulation/examples.js';
import type { Accepted } from './simulation/rollout.js';

describe('Rolling', () => {
  it('never has fewer ready instances than before, nor more than one batch more', () => {
    const run = rollout(rolling);
    until(run, ({ world, deployment }) => {
      expect(world.ready('candidate') + world.ready('stable')).toBeGreaterThanOrEqual(10);
      expect(world.running()).toBeLessThanOrEqual(13);
      return deployment.state.step === 'promoting';
    });
    expect(run.history.filter(({ event }) => event === 'StageStarted').map(({ text }) => text)).toEqual([
      'batch 1 of 4 has 30 % of the traffic: 3 of 3 instances ready',
      'batch 2 of 4 has 60 % of the traffic: 6 of 6 instances ready',
      'batch 3 of 4 has 90 % of the traffic: 9 of 9 instances ready',
      'batch 4 of 4 has 100 % of the traffic: 10 of 10 instances ready',
    ]);
  });

  it('gives even one instance among hundreds a share of the traffic, or it could not be judged', () => {
    const run = rollout(
      { ...rolling, values: { batchSize: '1' }, totalInstances: 300 },
      {},
      { stableInstances: 300 },
    );
    until(run, observing(1));
    expect(run.world.ready('candidate')).toBe(1);
  });

  it('keeps traffic where instances are until half of the old ones are back', () => {
    const run = rollout(rolling);
    until(run, observing(90));
    until(run, ({ world }) => world.ready('stable') === 1);
    command(run, { type: 'abort', actor: 'bob' });
    run.look();
    expect([run.world.weight, run.last?.waitsFor?.for]).toEqual([90, 'stableInstances']);
    run.run();
    run.world.pass(2_000);
    expect([run.world.weight, run.world.ready('stable'), run.world.running()]).toEqual([0, 10, 10]);
  });
});

describe('Rolling to fewer instances than stable has', () => {
  const fewer = (batchSize: string): Accepted => ({
    strategy: 'Rolling',
    values: { batchSize, batchInterval: '0', autoRollback: 'false' },
    totalInstances: 3,
  });

  it('leaves stable as it is when the batch stops being ready just as it has the traffic', () => {
    const run = rollout(fewer('3'), {}, { stableInstances: 7 });
    until(run, ({ world, deployment }) => world.weight === 100 && deployment.state.step === 'routing');
    for (const index of [0, 1, 2]) run.world.disturb('candidate', index);
    expect(run.look().actions).toEqual([
      { type: 'route', weights: { stable: 100, candidate: 0 }, sticky: false },
    ]);
    expect(run.world.ready('stable')).toBe(7);
  });

  it('gives up no instance that has traffic on the way back for stable ones that are enough', () => {
    const run = rollout(fewer('1'), {}, { stableInstances: 7 });
    until(run, ({ world }) => world.weight === 100 && world.ready('stable') === 0);
    command(run, { type: 'abort', actor: 'bob' });
    until(run, ({ world }) => world.ready('stable') === 5);
    for (const index of [0, 1]) run.world.disturb('stable', index);
    run.look();
    expect([run.world.weight, run.world.ready('stable'), run.world.ready('candidate')]).toEqual([58, 3, 1]);
    run.world.calm();
    run.run();
    run.world.pass(2_000);
    expect([run.world.weight, run.world.ready('stable'), run.world.running()]).toEqual([0, 7, 7]);
  });
});

describe('Rolling, where old instances take long to leave', () => {
  it('gets no more of them back than have room beside those that are still there', () => {
    const slow = {
      strategy: 'Rolling',
      values: { batchSize: '3', batchInterval: '0' },
      totalInstances: 3,
    } as const;
    const run = rollout(slow, {}, { stableInstances: 3, leaveMs: 5_000 });
    until(run, ({ world }) => world.ready('stable') === 0);
    expect(run.world.running()).toBe(6);
    command(run, { type: 'abort', actor: 'bob' });
    until(run, ({ world, last }) => {
      expect(world.running()).toBeLessThanOrEqual(6);
      return last?.settled === true;
    });
    run.world.pass(5_000);
    expect([run.world.weight, run.world.ready('stable'), run.world.running()]).toEqual([0, 3, 3]);
  });
});

describe('Rolling to more instances than stable has', () => {
  it('makes room before it gets them back, for one of stable may need more than one of the candidate', () => {
    const more = {
      strategy: 'Rolling',
      values: { batchSize: '2', batchInterval: '0' },
      totalInstances: 6,
    } as const;
    const run = rollout(more, {}, { stableInstances: 2, leaveMs: 2_000 });
    until(run, ({ world }) => world.ready('candidate') === 6);
    command(run, { type: 'abort', actor: 'bob' });
    until(run, ({ world, last }) => {
      if (world.running('stable') > 0) expect(world.running('candidate')).toBeLessThanOrEqual(2);
      return last?.settled === true;
    });
    expect([run.world.weight, run.world.ready('stable'), run.world.running()]).toEqual([0, 2, 2]);
  });
});

import { findBreach } from './find-breach.js';
import type { ObservedInstance } from './observed.js';
import {
  abTest,
  blueGreen,
  canary,
  direct,
  endOf,
  observing,
  rolling,
  rollout,
  until,
} from './simulation/examples.js';
import type { Accepted } from './simulation/rollout.js';
import { steady } from './simulation/world.js';

describe('whatever the strategy', () => {
  const all: [string, Accepted][] = [
    ['Direct', { ...direct, values: { autoRollback: 'true' } }],
    ['Canary', canary],
    ['BlueGreen', blueGreen],
    ['Rolling', rolling],
    ['ABTest', abTest],
  ];

  it.each(all)('%s completes a good version and leaves nothing of the old one in the way', (_, accepted) => {
    const run = rollout(accepted);
    expect(endOf(run)).toMatchObject({ status: 'Completed', reason: expect.stringMatching(/^Completed: ./) });
    expect(run.world.ready('candidate')).toBe(10);
    expect(run.world.observed().stable?.fate).toBe(accepted.strategy === 'BlueGreen' ? 'warm' : 'gone');
  });

  it.each(all)('%s goes back when instances crash', (_, accepted) => {
    const run = rollout(accepted, { crashing: 10 });
    expect(endOf(run)).toMatchObject({
      status: 'RolledBack',
      reason: expect.stringContaining('crashed, more than 20 %'),
    });
    expect(run.world.running()).toBe(10);
  });

  it.each(all)('%s goes back when instances never come up', (_, accepted) => {
    const run = rollout(accepted, { startMs: Infinity });
    expect(endOf(run).reason).toMatch(
      /^Rolled back at [^:]+: no progress for (600|120) seconds, allowed (600|120): 0 of \d+ instances? ready$/,
    );
    expect(run.world.running()).toBe(10);
  });

  it.each(all.filter(([name]) => name !== 'Direct'))(
    '%s goes back when health checks fail',
    (_, accepted) => {
      expect(endOf(rollout(accepted, { hanging: 10 })).reason).toMatch(/failed 3 health checks in a row$/);
    },
  );

  it.each(all.filter(([name]) => name !== 'Direct'))('%s goes back for what traffic says', (_, accepted) => {
    const run = rollout(accepted, { respond: steady(0.3, 40) });
    expect(endOf(run).reason).toMatch(/^Rolled back at [^:]+: error rate (30|29\.\d|2\d|1\d)/);
    expect(run.world.weight).toBe(0);
    expect(run.world.ready('stable')).toBe(10);
  });

  it('counts crashes and failed checks of more than a fifth of the instances, not of one in ten', () => {
    const run = rollout(canary);
    until(run, observing(100));
    const set = run.world.observed().candidate;
    const breach = (ill: number, change: Partial<ObservedInstance>) =>
      findBreach(run.deployment, {
        candidate: {
          ...set,
          instances: set.instances.map((each, at) => (at < ill ? { ...each, ...change } : each)),
        },
        stable: null,
      });
    expect(breach(2, { crashes: 5 })).toBeNull();
    expect(breach(3, { crashes: 1 })).toEqual({ kind: 'crashes', crashed: 3, instances: 10, limit: 0.2 });
    expect(breach(10, { consecutiveFailedChecks: 2 })).toBeNull();
    expect(breach(2, { consecutiveFailedChecks: 9 })).toBeNull();
    expect(breach(3, { consecutiveFailedChecks: 3 })).toEqual({
      kind: 'failedChecks',
      failing: 3,
      instances: 10,
      checks: 3,
    });
  });
});

describe('what a crash must not forget is stored before anything follows from it', () => {
  it('is what was stable at the start', () => {
    const run = rollout(direct);
    const started = run.look();
    expect(started).toMatchObject({ actions: [], nextLookAt: run.world.now, state: { stableInstances: 10 } });
    expect(run.look().actions).toEqual([{ type: 'scale', slot: 'candidate', instances: 10 }]);
  });

  it('is the promotion, and that instances end', () => {
    const run = rollout(direct);
    until(run, ({ deployment }) => deployment.state.step === 'promoting');
    expect(run.last).toMatchObject({ actions: [], nextLookAt: run.world.now });
    expect(run.look().actions).toEqual([{ type: 'promote' }]);
    until(run, ({ deployment }) => deployment.state.step === 'settling');
    expect(run.last).toMatchObject({ actions: [], nextLookAt: run.world.now });
    expect(run.look().actions).toEqual([{ type: 'drain', slot: 'stable' }]);
  });
});

describe('Direct', () => {
  it('fails, when it may not go back, and never had traffic', () => {
    const run = rollout({ ...direct, values: { healthCheckTimeout: '30' } }, { startMs: Infinity });
    expect(endOf(run)).toEqual({
      status: 'Failed',
      reason: 'Failed at the last stage: no progress for 30 seconds, allowed 30: 0 of 10 instances ready',
    });
    expect(run.world.weight).toBe(0);
  });
});

describe('BlueGreen', () => {
  it('does not switch to what fails a smoke test', () => {
    const run = rollout(blueGreen, { smokeTest: 'fails' });
    expect(endOf(run).reason).toBe(
      'Rolled back at the stage before the switch: smoke test /health failed: 503',
    );
    expect(run.deployment.state.hadTraffic).toBe(false);
  });

  it('ends the old set when it is not to be kept', () => {
    const run = rollout({ ...blueGreen, values: { ...blueGreen.values, keepOldEnvironment: 'false' } });
    expect(endOf(run).status).toBe('Completed');
    expect(run.world.observed().stable?.fate).toBe('gone');
  });
});

describe('ABTest', () => {
  it('is sticky, and keeps the candidate when its criteria hold', () => {
    const run = rollout({ ...abTest, values: { ...abTest.values, successCriteria: 'errorRate < 0.01' } });
    const routes: unknown[] = [];
    until(run, ({ last, deployment }) => {
      routes.push(...(last?.actions.filter(({ type }) => type === 'route') ?? []));
      return deployment.state.status === 'Completed';
    });
    expect(routes).toEqual([
      { type: 'route', weights: { stable: 80, candidate: 20 }, sticky: true },
      { type: 'route', weights: { stable: 0, candidate: 100 }, sticky: true },
    ]);
    expect(run.deployment.state.comparison?.winner).toBe('candidate');
  });

  it('keeps stable when they do not, and tells effect and interval', () => {
    const run = rollout({
      ...abTest,
      values: { ...abTest.values, successCriteria: 'avgResponseTime <= 30' },
    });
    expect(endOf(run)).toMatchObject({
      status: 'RolledBack',
      reason: expect.stringMatching(
        /^Rolled back at the test at 20 %: stable stays; avgResponseTime <= 30 does not hold \(40 ms\); errorRate 0.2 % against 0.2 %, difference .* \(95 % between -0.\d+ % and 0.\d+ %\)/,
      ),
    });
  });

  it('keeps stable when the candidate is measurably worse, even if no limit is broken', () => {
    const run = rollout(abTest, { respond: steady(0.009, 40) });
    expect(endOf(run).reason).toMatch(
      /^Rolled back at the test at 20 %: stable stays; errorRate 0.9 % against 0.2 %/,
    );
  });

  it('waits for a person when there is too little to compare', () => {
    expect(rollout(abTest, {}, { requestsPerSecond: 0 }).run().waitsFor?.text).toMatch(
      /too little traffic to judge/,
    );
  });
});

import { applyCommand } from './apply-command.js';
import type { Command } from './command.js';
import { findBreach } from './find-breach.js';
import type { ObservedInstance } from './observed.js';
import { Rollout, accept, type Accepted } from './simulation/rollout.js';
import { good, steady, World, type Behaviour, type WorldOptions } from './simulation/world.js';

function rollout(
  accepted: Accepted,
  candidate: Partial<Behaviour> = {},
  world: Partial<WorldOptions> = {},
): Rollout {
  const made = new World({
    stableInstances: 10,
    requestsPerSecond: 200,
    candidate: { ...good(), ...candidate },
    ...world,
  });
  return new Rollout(made, accept(made, accepted));
}

const canary: Accepted = {
  strategy: 'Canary',
  values: { stages: '10,30,50,100', stageInterval: '60' },
  totalInstances: 10,
};
const rolling: Accepted = {
  strategy: 'Rolling',
  values: { batchSize: '3', batchInterval: '5' },
  totalInstances: 10,
};
const blueGreen: Accepted = {
  strategy: 'BlueGreen',
  values: { healthCheckDuration: '30', smokeTestEndpoints: '/health,/v1/ping' },
  totalInstances: 10,
};
const test: Accepted = {
  strategy: 'ABTest',
  values: { percentage: '20', testDuration: '120' },
  totalInstances: 10,
};
const direct: Accepted = { strategy: 'Direct', totalInstances: 10 };

function command(run: Rollout, given: Command): void {
  const answer = applyCommand(run.deployment, given, run.world.now);
  if (!answer.ok) throw new Error(answer.reason);
  run.deployment = { ...run.deployment, state: answer.state };
  for (const entry of answer.history) run.history[entry.sequence] = entry;
}

/** Until the weight is served and watched. */
function until(run: Rollout, condition: (run: Rollout) => boolean): void {
  for (let tick = 0; tick < 2_000; tick += 1) {
    if (run.look().nextLookAt !== run.world.now) run.world.pass(1_000);
    if (condition(run)) return;
  }
  throw new Error(`never: ${JSON.stringify(run.last?.waitsFor)}`);
}
const observing = (weight: number) => (run: Rollout) =>
  run.deployment.state.step === 'observing' && run.deployment.state.weight === weight;

const endOf = (run: Rollout) => {
  run.run();
  const { status, ending } = run.deployment.state;
  return { status, reason: ending?.reason };
};

describe('a canary', () => {
  it('grows instances and weight stage by stage, and the old set ends when it is done', () => {
    const run = rollout(canary);
    const seen: [weight: number, candidate: number, stable: number][] = [];
    until(run, ({ world, deployment: { state } }) => {
      const now: (typeof seen)[number] = [world.weight, world.ready('candidate'), world.ready('stable')];
      if (state.step === 'observing' && seen.at(-1)?.[0] !== now[0]) seen.push(now);
      return state.status === 'Completed';
    });
    expect(seen).toEqual([
      [10, 1, 10],
      [30, 3, 10],
      [50, 5, 10],
      [100, 10, 10],
    ]);
    run.run();
    expect(run.world.promoted).toBe(true);
    expect(run.world.running()).toBe(10);
    expect(run.deployment.state.progress).toBe(100);
  });

  it('says of every stage what was measured', () => {
    const run = rollout(canary);
    expect(endOf(run)).toEqual({
      status: 'Completed',
      reason: 'Completed: error rate 0.2 % of 12,200 requests, threshold 5 %',
    });
    const passed = run.history.filter(({ event }) => event === 'StagePassed');
    expect(passed.map(({ stage }) => stage)).toEqual([
      'stage 10 %',
      'stage 30 %',
      'stage 50 %',
      'stage 100 %',
    ]);
    expect(passed[1]).toMatchObject({
      metric: 'errorRate',
      threshold: 0.05,
      actor: 'switchyard',
      text: expect.stringMatching(
        /^Passed stage 30 %: error rate 0.2 % of 3,\d{3} requests, threshold 5 %, stable 0.2 %$/,
      ),
    });
  });

  it('goes back at the stage at which it turns out bad, and says why', () => {
    let asked = 0;
    const bad = steady(0.081, 40);
    const fine = steady(0.003, 40);
    const run = rollout(
      canary,
      { respond: (requests) => ((asked += requests) < 1_300 ? fine(requests) : bad(requests)) },
      { stable: { ...good(), respond: steady(0.003, 40) } },
    );
    const end = endOf(run);
    expect(end.status).toBe('RolledBack');
    expect(end.reason).toMatch(
      /^Rolled back at stage 30 %: error rate \d(\.\d)? % of [\d,]+ requests, threshold 5 %, stable 0.\d %$/,
    );
    expect(run.world.weight).toBe(0);
    expect(run.world.running()).toBe(10);
  });

  it('has weight 0 and its end in the same look that finds the breach', () => {
    const run = rollout(canary, { respond: steady(0.33, 40) });
    until(run, ({ deployment }) => deployment.state.status === 'RolledBack');
    expect(run.last?.actions).toEqual([
      { type: 'route', weights: { stable: 100, candidate: 0 }, sticky: false },
    ]);
  });

  it('goes back for response times of the 95th percentile, absolute and against stable', () => {
    const slow = { respond: steady(0.002, 700) };
    const limited = { ...canary, values: { ...canary.values, responseTimeThreshold: '500' } };
    const slowStable = { stable: { ...good(), ...slow } };
    expect(endOf(rollout(limited, slow, slowStable)).reason).toMatch(
      /^Rolled back at stage 10 %: 95th percentile of the response time 1,0\d\d ms of \d+ requests, threshold 500 ms, stable 1,0\d\d ms$/,
    );
    expect(endOf(rollout(canary, slow)).reason).toMatch(
      /^Rolled back at stage 10 %: 95th percentile of the response time 1,0\d\d ms of \d+ requests, worse than stable 57 ms$/,
    );
    expect(endOf(rollout(canary, slow, slowStable)).status).toBe('Completed');
  });

  it('is not taken back for one failure among three requests, and is for a third of 300', () => {
    const oneOfThree = rollout(canary, { respond: steady(1 / 3, 40) }, { requestsPerSecond: 0 });
    until(oneOfThree, observing(10));
    const { baseline } = oneOfThree.deployment.state;
    const three = { ...oneOfThree.world.observed().candidate.samples, requests: 3, errors: 1 };
    const observed = oneOfThree.world.observed();
    expect(baseline?.candidate.requests).toBe(0);
    expect(judged(oneOfThree, { ...observed, candidate: { ...observed.candidate, samples: three } })).toBe(
      'InProgress',
    );
    const many = { ...three, requests: 300, errors: 100 };
    expect(judged(oneOfThree, { ...observed, candidate: { ...observed.candidate, samples: many } })).toBe(
      'RolledBack',
    );
  });

  it('passes, waits or fails without data, as asked for', () => {
    const quiet = { requestsPerSecond: 1 };
    const asked = (onNoData: string) => ({ ...canary, values: { ...canary.values, onNoData } });
    expect(endOf(rollout(asked('pass'), {}, quiet))).toEqual({
      status: 'Completed',
      reason: 'Completed: error rate 0 % of 61 requests, threshold 5 %',
    });
    const held = rollout(asked('hold'), {}, quiet);
    expect(held.run().waitsFor).toEqual({
      for: 'person',
      text: 'Paused at stage 10 %: too little traffic to judge, 0 requests of at least 20',
    });
    expect(held.deployment.state.status).toBe('Paused');
    expect(endOf(rollout(asked('fail'), {}, quiet))).toEqual({
      status: 'RolledBack',
      reason: 'Rolled back at stage 10 %: too little traffic to judge, 0 requests of at least 20',
    });
  });

  it('pauses at a breach when it must not go back by itself, until a person decides', () => {
    const run = rollout(
      { ...canary, values: { ...canary.values, autoRollback: 'false' } },
      { respond: steady(0.33, 40) },
    );
    expect(run.run().waitsFor?.text).toMatch(
      /^Paused at stage 10 %: error rate 32.5 % of 40 requests, threshold 5 %/,
    );
    expect(run.world.weight).toBe(10);
    command(run, { type: 'abort', actor: 'bob' });
    expect(endOf(run)).toEqual({ status: 'RolledBack', reason: 'Rolled back at stage 10 %: aborted by bob' });
    expect(run.world.weight).toBe(0);
  });

  it('gives its traffic back at once to a stable slot of which not even half is ready', () => {
    const run = rollout(canary);
    until(run, observing(10));
    for (const index of [0, 1, 2, 3, 4, 5]) run.world.disturb('stable', index);
    command(run, { type: 'abort', actor: 'bob' });
    run.look();
    expect([run.world.weight, run.world.ready('stable')]).toEqual([0, 4]);
  });

  it('needs no stages when nothing was there before', () => {
    const run = rollout(canary, {}, { stableInstances: 0 });
    expect(endOf(run).reason).toBe('Completed: 10 of 10 instances ready');
    expect(run.history.map(({ event, stage }) => [event, stage])).toEqual([
      ['Started', null],
      ['StageStarted', 'the first deployment'],
      ['StagePassed', 'the first deployment'],
      ['Completed', 'the first deployment'],
    ]);
  });

  it('has failed when it is the first and does not work', () => {
    expect(endOf(rollout(canary, { crashing: 10 }, { stableInstances: 0 }))).toEqual({
      status: 'Failed',
      reason: 'Failed at the first deployment: 10 of 10 instances crashed, more than 20 %',
    });
  });
});

function judged(run: Rollout, observed: ReturnType<World['observed']>) {
  return new Rollout(
    Object.assign(Object.create(World.prototype), {
      now: run.world.now,
      observed: () => observed,
      execute: () => undefined,
    }),
    run.deployment,
  ).look().state.status;
}

describe('whatever the strategy', () => {
  const all: [string, Accepted][] = [
    ['Direct', { ...direct, values: { autoRollback: 'true' } }],
    ['Canary', canary],
    ['BlueGreen', blueGreen],
    ['Rolling', rolling],
    ['ABTest', test],
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

describe('ABTest', () => {
  it('is sticky, and keeps the candidate when its criteria hold', () => {
    const run = rollout({ ...test, values: { ...test.values, successCriteria: 'errorRate < 0.01' } });
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
    const run = rollout({ ...test, values: { ...test.values, successCriteria: 'avgResponseTime <= 30' } });
    expect(endOf(run)).toMatchObject({
      status: 'RolledBack',
      reason: expect.stringMatching(
        /^Rolled back at the test at 20 %: stable stays; avgResponseTime <= 30 does not hold \(40 ms\); errorRate 0.2 % against 0.2 %, difference .* \(95 % between -0.\d+ % and 0.\d+ %\)/,
      ),
    });
  });

  it('keeps stable when the candidate is measurably worse, even if no limit is broken', () => {
    const run = rollout(test, { respond: steady(0.009, 40) });
    expect(endOf(run).reason).toMatch(
      /^Rolled back at the test at 20 %: stable stays; errorRate 0.9 % against 0.2 %/,
    );
  });

  it('waits for a person when there is too little to compare', () => {
    expect(rollout(test, {}, { requestsPerSecond: 0 }).run().waitsFor?.text).toMatch(
      /too little traffic to judge/,
    );
  });
});

describe('people', () => {
  it('pause every clock and deadline, and resume where it was', () => {
    const run = rollout(canary);
    until(run, observing(10));
    const { stepSince } = run.deployment.state;
    command(run, { type: 'pause', actor: 'bob', comment: 'lunch' });
    run.world.pass(3_600_000);
    const paused = run.look();
    expect([paused.nextLookAt, paused.waitsFor?.text]).toEqual([
      null,
      'Paused at stage 10 %: paused by bob: lunch',
    ]);
    command(run, { type: 'resume', actor: 'bob' });
    expect(run.deployment.state.stepSince).toBe(stepSince + 3_600_000);
    expect(endOf(run).status).toBe('Completed');
  });

  it('do not pause the judgement', () => {
    const run = rollout(canary, { respond: steady(0.33, 40) }, { requestsPerSecond: 20 });
    until(run, observing(10));
    command(run, { type: 'pause', actor: 'bob' });
    run.world.pass(60_000);
    expect(run.look().state.status).toBe('RolledBack');
  });

  it('promote one stage, which then takes no time', () => {
    const run = rollout(canary);
    until(run, observing(10));
    const at = run.world.now;
    command(run, { type: 'promote', full: false, actor: 'bob' });
    until(run, observing(30));
    expect(run.world.now - at).toBeLessThan(10_000);
    expect(run.deployment.state.skips).toBeNull();
    expect(run.history.map(({ text }) => text)).toContain('Skipped stage 10 %: promoted by bob');
  });

  it('promote all of it', () => {
    const run = rollout(canary);
    until(run, observing(10));
    const at = run.world.now;
    command(run, { type: 'promote', full: true, actor: 'bob' });
    expect(endOf(run)).toEqual({ status: 'Completed', reason: 'Completed: promoted by bob' });
    expect(run.world.now - at).toBeLessThan(20_000);
  });

  it('resume what was held at a breach: the evidence begins anew', () => {
    const run = rollout(
      { ...canary, values: { ...canary.values, autoRollback: 'false' } },
      { respond: steady(0.33, 40) },
    );
    run.run();
    const { round } = run.deployment.state;
    command(run, { type: 'resume', actor: 'bob' });
    run.look();
    expect(run.deployment.state).toMatchObject({ status: 'InProgress', round: round + 1 });
    run.run();
    expect(run.deployment.state.status).toBe('Paused');
  });

  it('go on after crashes that they have seen', () => {
    const run = rollout({ ...canary, values: { ...canary.values, autoRollback: 'false' } });
    until(run, observing(30));
    const set = run.world.observed().candidate;
    const crashed = { ...set, instances: set.instances.map((each) => ({ ...each, crashes: 1 })) };
    const observed = { ...run.world.observed(), candidate: crashed };
    run.world.observed = () => observed;
    expect(run.look().waitsFor?.text).toMatch(/3 of 3 instances crashed/);
    command(run, { type: 'resume', actor: 'bob' });
    expect(run.look().state.status).toBe('InProgress');
  });

  it('abort, and what is stable again stays ready when the clock of the database is set back', () => {
    const one = { strategy: 'Rolling', values: { batchSize: '1' }, totalInstances: 1 } as const;
    const run = rollout(one, {}, { stableInstances: 1 });
    until(run, observing(100));
    command(run, { type: 'abort', actor: 'bob' });
    run.run();
    run.world.now -= 30_000;
    expect([run.look().settled, run.world.ready('stable'), run.world.running()]).toEqual([true, 1, 1]);
  });

  it('abort before the start: nothing was moved', () => {
    const run = rollout({ ...canary, needsApproval: true });
    expect(run.run().waitsFor?.for).toBe('approval');
    command(run, { type: 'abort', actor: 'bob' });
    expect(endOf(run)).toEqual({
      status: 'RolledBack',
      reason: 'Rolled back before the start: aborted by bob',
    });
    expect(run.world.running()).toBe(10);
  });

  it('approve what others asked for', () => {
    const run = rollout({ ...canary, needsApproval: true });
    run.run();
    expect(applyCommand(run.deployment, { type: 'approve', actor: 'alice' }, 0)).toEqual({
      ok: false,
      reason: 'alice has requested it and cannot approve it',
    });
    command(run, { type: 'approve', actor: 'bob' });
    expect(endOf(run).status).toBe('Completed');
  });

  it('reject', () => {
    const run = rollout({ ...canary, needsApproval: true });
    command(run, { type: 'reject', actor: 'bob', comment: 'not on a Friday' });
    expect(endOf(run)).toEqual({
      status: 'Failed',
      reason: 'Failed before the start: rejected by bob: not on a Friday',
    });
  });

  it('replace it by a newer one, which waits until it has left', () => {
    const run = rollout(canary);
    until(run, observing(30));
    command(run, { type: 'supersede', by: 'dep-2', actor: 'bob' });
    expect(endOf(run)).toEqual({
      status: 'Failed',
      reason: 'Failed at stage 30 %: replaced by dep-2 of bob',
    });
    expect(run.deployment.state.ending?.supersededBy).toBe('dep-2');
    const next = rollout(canary);
    next.world.predecessor = 'dep-1';
    expect(next.look().waitsFor).toEqual({ for: 'predecessor', text: 'dep-1 is still leaving' });
    next.world.predecessor = null;
    expect(endOf(next).status).toBe('Completed');
  });

  it('roll back what is completed by a deployment of its own, and the old set goes on leaving', () => {
    const run = rollout(canary);
    until(run, ({ deployment }) => deployment.state.status === 'Completed');
    command(run, { type: 'rollback', rollbackDeploymentId: 'dep-9', actor: 'bob' });
    expect(endOf(run)).toEqual({
      status: 'RolledBack',
      reason: 'Rolled back at stage 100 %: rolled back by bob',
    });
    expect(run.deployment.state.ending?.rollbackDeploymentId).toBe('dep-9');
    expect(run.world.observed().stable?.fate).toBe('gone');
    expect(run.world.ready('candidate')).toBe(10);
  });

  it('are told why something is not possible, and what is', () => {
    const run = rollout(canary);
    endOf(run);
    expect(applyCommand(run.deployment, { type: 'pause', actor: 'bob' }, 0)).toEqual({
      ok: false,
      reason:
        'pause is not possible while the deployment is Completed (Completed: error rate 0.2 % of 12,200 requests, threshold 5 %); possible: rollback',
    });
  });
});

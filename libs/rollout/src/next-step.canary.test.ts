import { canary, command, endOf, observing, rollout, until } from './simulation/examples.js';
import { Rollout } from './simulation/rollout.js';
import { good, steady, World } from './simulation/world.js';

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

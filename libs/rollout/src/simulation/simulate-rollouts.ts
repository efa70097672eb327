import { randomTraffic, type Service } from './random-traffic.js';
import { accept, Rollout } from './rollout.js';
import { seededRandom } from './seeded-random.js';
import { good, World } from './world.js';

export interface Scenario {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly stable: Service;
  readonly candidate: Service;
  readonly responseTimeThreshold?: string;
}

export interface Outcome {
  readonly runs: number;
  readonly takenBack: number;
  /** Which metric decided, and against what, with how often. */
  readonly deciders: Readonly<Record<string, number>>;
  /** Median over those that were taken back. */
  readonly seconds: number | null;
  readonly requests: number | null;
}

/** Whole canaries of four stages of a minute, judged once a second: what would be flushed, is looked at. */
export function simulateRollouts(scenario: Scenario, runs: number, seed: number): Outcome {
  const random = seededRandom(seed);
  const seconds: number[] = [];
  const requests: number[] = [];
  const deciders: Record<string, number> = {};
  for (let run = 0; run < runs; run += 1) {
    const world = new World({
      stableInstances: 10,
      requestsPerSecond: scenario.requestsPerSecond,
      candidate: { ...good(), startMs: 0, respond: randomTraffic(scenario.candidate, random) },
      stable: { ...good(), respond: randomTraffic(scenario.stable, random) },
    });
    const { responseTimeThreshold } = scenario;
    const values = { stages: '10,30,50,100', stageInterval: '60' };
    const deployment = accept(world, {
      strategy: 'Canary',
      values: responseTimeThreshold === undefined ? values : { ...values, responseTimeThreshold },
      totalInstances: 10,
    });
    const startedAt = world.now;
    const rollout = new Rollout(world, deployment);
    rollout.run();
    const { ending } = rollout.deployment.state;
    if (ending?.status !== 'RolledBack' || ending.cause.kind !== 'metric') continue;
    const decider = `${ending.cause.metric} ${ending.cause.breached ?? ''}`;
    deciders[decider] = (deciders[decider] ?? 0) + 1;
    seconds.push((ending.at - startedAt) / 1_000);
    requests.push(world.observed().candidate.samples.requests);
  }
  return { runs, takenBack: seconds.length, deciders, seconds: median(seconds), requests: median(requests) };
}

function median(values: readonly number[]): number | null {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? null;
}

import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '@switchyard/testing';
import { ChaosWorld, faults, versions, type Fault, type Version } from './chaos-world.js';
import { SeededRandom } from './seeded-random.js';

/** The long form is `CHAOS_FAULTS=1000 npm run chaos`; `CHAOS_SEED` strikes again as in a run that failed. */
const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const faultsInAll = Number(process.env['CHAOS_FAULTS'] ?? 10);
const faultsEach = 2;
const instances = 2;

const strategies: Record<string, Record<string, string>> = {
  Direct: { healthCheckTimeout: '30' },
  Canary: { stages: '30,60,100', stageInterval: '1' },
  BlueGreen: { healthCheckDuration: '1', keepOldEnvironment: 'false' },
  Rolling: { batchSize: '1', batchInterval: '1' },
  ABTest: { percentage: '50', testDuration: '2', routingStrategy: 'request' },
};
const ended = ['Completed', 'Failed', 'RolledBack'];

describe(`whatever is killed, cut off or hung while something is rolled out (CHAOS_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const convergedMs: number[] = [];
  const ends: Record<string, number> = {};
  const accepted: string[] = [];
  let world: ChaosWorld;

  beforeAll(async () => {
    world = await ChaosWorld.open(random);
    accepted.push(
      await world.deploy({ pluginVersion: '1.0.0', strategy: 'Direct', totalInstances: instances }),
    );
    await eventually(async () => expect((await world.look(accepted[0]!)).status).toBe('Completed'), 60_000);
  });
  afterAll(async () => {
    await world.close();
    const sorted = convergedMs.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
    process.stdout.write(
      `chaos: ${accepted.length} rollouts, ends ${JSON.stringify(ends)}, over after the last fault: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (seed ${seed})\n`,
    );
  });

  const rounds = Array.from({ length: Math.ceil(faultsInAll / faultsEach) }, (_, round) => ({
    round,
    strategy: Object.keys(strategies)[round % 5]!,
    struck: Array.from({ length: faultsEach }, (_each, n): Fault =>
      // Each strategy meets a killed platform.
      n === 0 ? 'kill the platform' : random.pick(faults),
    ),
    version: random.pick<Version>(['1.0.0', '2.0.0', '1.0.0', '2.0.0', '3.0.0', '4.0.0']),
    delays: Array.from({ length: faultsEach }, () => random.below(2_000)),
  }));

  it.each(rounds)('$round: $strategy of $version, struck: $struck', async (round) => {
    const { strategy, struck, version, delays } = round;
    const deploying = world.deploy({
      pluginVersion: version,
      strategy,
      strategyConfig: strategies[strategy],
      totalInstances: instances,
    });
    for (const [n, fault] of struck.entries()) {
      await wait(delays[n]);
      await world.strike(fault);
    }
    const struckAt = performance.now();
    const id = await deploying;
    accepted.push(id);
    const end = await eventually(async () => {
      const seen = await world.look(id);
      // While nothing answers there is nothing to compare: a person is asked, and says no.
      if (seen.status === 'Paused') await world.abort(id);
      expect(ended).toContain(seen.status);
      return seen;
    }, 60_000);
    convergedMs.push(performance.now() - struckAt);
    ends[end.status] = (ends[end.status] ?? 0) + 1;
    expect(end.reason).toMatch(/\w/);
    const history = await world.historyOf(id);
    expect(history.filter((event) => event === 'Started')).toHaveLength(1);
    expect(history.filter((event) => ended.includes(event))).toEqual([end.status]);
    // What is installed answers, alone, with as many processes as were asked for.
    await eventually(async () => {
      const { version: runs, answered } = await world.installed();
      expect(new Set(answered)).toEqual(new Set([versions[runs as Version]]));
      expect(world.instances()).toHaveLength(instances);
    }, 60_000);
    const listed = await world.deployments();
    expect(listed.map((each) => each.deploymentId).slice(0, 100)).toEqual(
      accepted.toReversed().slice(0, 100),
    );
  });
});

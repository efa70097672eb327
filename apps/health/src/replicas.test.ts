import { eventually } from '@switchyard/testing';
import { HealthWorld, sampled } from './contract/health-world.js';

const sets = Array.from({ length: 24 }, (_, at) => `set-${at}`);

describe('two replicas of the health service', () => {
  let world: HealthWorld;
  /** How often each instance was asked. */
  const asked = new Map<string, number>();

  beforeAll(async () => {
    // So that the interval is not over before all have been looked at.
    world = await HealthWorld.start(200);
    await world.startReplica();
  });
  afterAll(() => world.stop());

  const holders = async () => {
    const rows = await world.database.look<{ n: number }>(
      `SELECT count(*)::int AS n FROM health.leases l JOIN health.workers w ON w.worker = l.holder WHERE until > now() GROUP BY holder ORDER BY 1`,
    );
    return rows.map(({ n }) => n);
  };

  it('share the checks evenly', async () => {
    await eventually(async () => expect(await holders()).toEqual([8, 8]));
  });

  it('check each instance once in its interval, not once each', async () => {
    for (const setId of sets) {
      const address = await world.instance(setId, (_request, response) => {
        asked.set(setId, (asked.get(setId) ?? 0) + 1);
        response.end();
      });
      await world.deployed({
        setId,
        healthCheck: { type: 'HttpEndpoint', intervalSeconds: 300, timeoutSeconds: 60 },
        instances: [{ instanceId: `${setId}-1`, ready: true, state: 'Ready', address }],
      });
    }
    for (const setId of sets) await world.eventuallyTold(setId, { verdict: 'Healthy' });
    expect(sets.map((setId) => asked.get(setId))).toEqual(sets.map(() => 1));
  });

  it('count what reaches either, and answer the same', async () => {
    const [one, other] = world.replicas;
    await one?.service.takeSamples(world.batch(sampled('set-0', { requests: 5 })));
    await other?.service.takeSamples(world.batch(sampled('set-0', { requests: 7, errors: 1 })));
    await world.eventuallyTold('set-0', { samples: { requests: 12, errors: 1 } });
    for (const replica of world.replicas)
      expect(
        await world.get('/api/v1/plugin-deployments/dep-of-set-0/health', undefined, replica),
      ).toMatchObject({ status: 200, body: { status: 'Healthy', metrics: { requestsPerSecond: 0.2 } } });
  });

  it('take over from one that ends, and know again where each instance stood', async () => {
    const [first] = world.replicas;
    if (first) await world.stopReplica(first);
    await eventually(async () => expect(await holders()).toEqual([16]));
    await world.gone('set-3');
    await eventually(async () => expect(await world.told('set-3')).toBeUndefined());
    expect(await world.told('set-4')).toMatchObject({ instances: [{ verdict: 'Healthy' }] });
  });

  it('take over from one that died, when its time is over', async () => {
    await world.database.look(
      `INSERT INTO health.workers (worker, until) VALUES ('dead', now() + interval '300 ms')`,
    );
    await world.database.look(`UPDATE health.leases SET holder = 'dead'`);
    await eventually(async () => {
      expect(await world.database.look(`SELECT partition FROM health.leases WHERE holder = 'dead'`)).toEqual(
        [],
      );
      expect(await holders()).toEqual([16]);
    });
  });
});

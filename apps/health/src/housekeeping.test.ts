import { tenantPurged } from '@switchyard/contracts';
import { publish } from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import { eventually } from '@switchyard/testing';
import { HealthWorld, sampled, tenantId } from './contract/health-world.js';
import { Housekeeping } from './housekeeping.js';

const day = 86_400_000;

describe('what is kept', () => {
  let world: HealthWorld;
  let housekeeping: Housekeeping;
  beforeAll(async () => {
    world = await HealthWorld.start();
    const options = { clock: world.clock, housekeepingMs: 1, retentionMs: 30 * day, concurrentChecks: 1 };
    housekeeping = new Housekeeping(
      world.database.open('health'),
      options,
      createLogger({ level: 'silent' }),
    );
  });
  afterAll(() => world.stop());

  const count = async (table: string, setId: string) =>
    (await world.database.look(`SELECT 1 FROM health.${table} WHERE set_id = $1`, [setId])).length;

  it('is the history of thirty days, and every set that is there or was in them', async () => {
    for (const setId of ['set-ended', 'set-lives']) {
      await world.deployed({ setId, instances: [{ instanceId: 'one', ready: true, state: 'Ready' }] });
      await world.eventuallyTold(setId, { verdict: 'Healthy' });
      await world.service.takeSamples(world.batch(sampled(setId, { requests: 1 })));
    }
    await world.gone('set-ended');
    await eventually(async () => expect(await world.told('set-ended')).toBeUndefined());
    world.passes(29 * day);
    await housekeeping.tidy();
    expect(await count('buckets', 'set-ended')).toBe(1);
    expect(await count('sets', 'set-ended')).toBe(1);
    world.passes(2 * day);
    await housekeeping.tidy();
    for (const table of ['buckets', 'sets', 'deployments', 'checks'])
      expect({ table, left: await count(table, 'set-ended') }).toEqual({ table, left: 0 });
    expect(await count('sets', 'set-lives')).toBe(1);
    expect(await count('buckets', 'set-lives')).toBe(0);
    const { body } = await world.get('/api/v1/plugin-deployments/dep-of-set-lives/health/history');
    expect(body).toMatchObject({
      dataPoints: expect.arrayContaining([expect.objectContaining({ healthyInstances: 1 })]),
    });
  });

  it('is nothing of a tenant that was purged', async () => {
    await world.deployed({ setId: 'set-purged' });
    await world.eventuallyTold('set-purged', {});
    await world.database
      .open('tenants')
      .withTenant(tenantId, (tx) => publish(tx, tenantPurged, { tenant: tenantId, data: { tenantId } }));
    await eventually(async () => {
      expect(await world.told('set-purged')).toBeUndefined();
      for (const table of ['buckets', 'sets', 'deployments', 'checks'])
        expect(
          await world.database.look(`SELECT 1 FROM health.${table} WHERE tenant_id = $1`, [tenantId]),
        ).toEqual([]);
    });
  });
});

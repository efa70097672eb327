import { eventually } from '@switchyard/testing';
import { ADeployments } from '../contract/a-deployments.js';

describe('going back', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
  });
  beforeEach(() => world.newTenant());
  afterAll(() => world.close());

  const applied = (version: string) =>
    world.orchestrator.applied.filter(
      (spec) => spec.tenantId === world.tenantId && spec.version === version && spec.desired > 0,
    );
  const runs = async () => {
    const [row] = await world.database.look<{ stable_deployment: string; stable_set: string }>(
      'SELECT stable_deployment, stable_set FROM deployments.installations WHERE tenant_id = $1',
      [world.tenantId],
    );
    return row!;
  };

  it('is RolledBack at once, and the way back is a deployment of its own with release and settings', async () => {
    await world.deployed({ configuration: { mode: 'old' } });
    const second = await world.deployed({ pluginVersion: '2.0.0', configuration: { mode: 'new' } });
    const answer = await world.rollBack(second);
    expect(answer).toMatchObject({ status: 'RolledBack', deploymentId: second });
    expect(await world.read(second)).toMatchObject({
      status: 'RolledBack',
      rollbackDeploymentId: answer.rollbackDeploymentId,
    });
    await world.settled(answer.rollbackDeploymentId, 'Completed');
    expect(await runs()).toMatchObject({ stable_deployment: answer.rollbackDeploymentId });
    expect(applied('1.0.0').at(-1)).toMatchObject({ settings: { mode: 'old' } });
    await expect(world.rollBack(second)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('takes up a set that was kept warm, and starts nothing', async () => {
    const first = await world.deployed({});
    const blueGreen = { strategy: 'BlueGreen', strategyConfig: { healthCheckDuration: '0' } };
    const second = await world.deployed({ pluginVersion: '2.0.0', ...blueGreen });
    const warm = await world.setOf(first);
    const instances = async () => (await world.instances()).get(warm);
    const before = await instances();
    expect(before).toHaveLength(1);
    const { rollbackDeploymentId } = await world.rollBack(second);
    await world.settled(rollbackDeploymentId, 'Completed');
    expect(await runs()).toMatchObject({ stable_set: warm });
    expect(await instances()).toEqual(before);
  });

  it('is refused where nothing ran before, and of what does not run any more', async () => {
    const first = await world.deployed({});
    await expect(world.rollBack(first)).rejects.toMatchObject({ code: 'CONFLICT' });
    const second = await world.deployed({ pluginVersion: '2.0.0' });
    await world.deployed({ pluginVersion: '3.0.0' });
    await expect(world.rollBack(second)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('no longer runs') as string,
    });
  });

  it('lets the registry go of what nobody can go back to', async () => {
    await world.deployed({});
    await world.deployed({ pluginVersion: '2.0.0' });
    await world.deployed({ pluginVersion: '3.0.0' });
    await eventually(() =>
      expect([...world.registry.pins.values()]).toEqual(['core-payments@2.0.0', 'core-payments@3.0.0']),
    );
  });

  it('leaves nothing of a plugin that is undeployed', async () => {
    await world.deployed({});
    await world.undeploy('core-payments');
    await eventually(async () => expect(await world.instances()).toEqual(new Map()));
    await eventually(() => expect(world.registry.pins.size).toBe(0));
    await expect(world.undeploy('core-payments')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const told = await world.database.look<{ data: { version: string | null } }>(
      `SELECT data FROM events.outbox WHERE type = 'installation.changed' AND data->>'tenantId' = $1
       UNION ALL SELECT data FROM events.log WHERE type = 'installation.changed' AND data->>'tenantId' = $1`,
      [world.tenantId],
    );
    expect(told.map(({ data }) => data.version).filter((version) => version === null)).toHaveLength(1);
    await world.deployed({ pluginVersion: '2.0.0' });
  });

  it('leaves nothing of a tenant that is purged', async () => {
    await world.putSecret('stripe', 'sk-secret');
    await world.deployed({});
    await world.deployed({ pluginVersion: '2.0.0' });
    await world.deploy({ pluginVersion: '3.0.0', strategy: 'Canary', strategyConfig: { stages: '50,100' } });
    await world.purge();
    const tables = [
      'releases',
      'sets',
      'rollouts',
      'installations',
      'history',
      'secrets',
      'quota_locks',
      'approval_policies',
    ];
    await eventually(async () => {
      for (const table of tables)
        expect({
          table,
          rows: await world.database.look(`SELECT 1 FROM deployments.${table} WHERE tenant_id = $1`, [
            world.tenantId,
          ]),
        }).toEqual({ table, rows: [] });
    });
    expect(world.registry.pins.size).toBe(0);
    expect(
      await world.database.look(
        `SELECT feed, key FROM events.feed_rows WHERE NOT gone AND (key LIKE $1 OR data->>'tenantId' = $2)`,
        [`${world.tenantId}/%`, world.tenantId],
      ),
    ).toEqual([]);
  });
});

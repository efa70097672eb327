import { defaultQuotas } from '@switchyard/contracts';
import { ADeployments, callOf } from '../contract/a-deployments.js';

const platformAdmin = callOf('PlatformAdmin', null);

describe('accepting a deployment', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
  });
  beforeEach(() => world.newTenant());
  afterAll(() => world.close());

  const refused = (code: string, message: string) => ({
    code,
    message: expect.stringContaining(message) as string,
  });
  const applied = (version: string) =>
    world.orchestrator.applied.find((spec) => spec.tenantId === world.tenantId && spec.version === version);
  const held = () => [...world.registry.pins.values()];

  it('answers what was accepted, with the strategy of the environment', async () => {
    expect(await world.deploy({ strategy: undefined })).toMatchObject({
      status: 'Pending',
      strategy: 'Canary',
      environment: 'Production',
      tenantId: world.tenantId,
      progress: 0,
    });
    for (const [environment, strategy] of [
      ['Development', 'Direct'],
      ['QA', 'Rolling'],
    ])
      expect(await world.deploy({ environment, strategy: undefined })).toMatchObject({ strategy });
    expect(held()).toHaveLength(3);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'a strategy with two mistakes',
      { strategy: 'Canary', strategyConfig: { stages: '50,20', batchSize: '1' } },
      'VALIDATION_ERROR',
      'strategyConfig.stages, strategyConfig.batchSize',
    ],
    ['a runtime that nothing runs', { pluginId: 'in-dotnet' }, 'CONFLICT', 'Name it in RUNNERS'],
    ['what is not in the store', { pluginId: 'elsewhere' }, 'CONFLICT', 'upload it'],
    ['what there is not', { pluginId: 'never-was' }, 'NOT_FOUND', 'never-was'],
    [
      'a secret that there is not',
      { configuration: { key: '${secret:stripe}' } },
      'VALIDATION_ERROR',
      'stripe',
    ],
    ['a foreign tenant', { tenantId: 'somebody-else' }, 'NOT_FOUND', 'somebody-else'],
  ])('refuses %s, and holds nothing', async (_what, body, code, message) => {
    await expect(world.deploy(body)).rejects.toMatchObject(refused(code, message));
    expect(held()).toEqual([]);
    expect(
      await world.database.look('SELECT 1 FROM deployments.releases WHERE tenant_id = $1', [world.tenantId]),
    ).toEqual([]);
  });

  it('wants to be told the tenant by a PlatformAdmin', async () => {
    await expect(world.deploy({}, platformAdmin)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'tenantId' }],
    });
    expect(await world.deploy({ tenantId: world.tenantId }, platformAdmin)).toMatchObject({
      tenantId: world.tenantId,
    });
  });

  it('holds to what the tenant allows', async () => {
    await world.tenant({ status: 'Suspended' });
    await expect(world.deploy({})).rejects.toMatchObject(refused('TENANT_SUSPENDED', world.tenantId));
    await world.tenant({ allowedCategories: ['Payments'] });
    await expect(world.deploy({})).rejects.toMatchObject(refused('CATEGORY_NOT_ALLOWED', 'Payments'));
    await world.tenant({ requireSignedVersions: true });
    await expect(world.deploy({})).rejects.toMatchObject(refused('CONFLICT', 'signature'));
    world.registry.signed = true;
    await world.deploy({});
  });

  it('lets a tenant begin so many deployments an hour', async () => {
    await world.tenant({ rateLimits: { maxRequestsPerMinute: 1, maxDeploymentsPerHour: 2 } });
    await world.deploy({});
    await world.deploy({});
    await expect(world.deploy({})).rejects.toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
      headers: { 'retry-after': expect.stringMatching(/^3[56]\d\d$/) as string },
    });
  });

  it('reserves the peak: a canary needs room beside what runs, and says what is missing', async () => {
    await world.tenant({ quotas: { ...defaultQuotas, maxInstances: 5 } });
    await world.deployed({ totalInstances: 3 });
    await expect(
      world.deploy({ pluginVersion: '2.0.0', strategy: 'Canary', totalInstances: 3 }),
    ).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringContaining('maxInstances is 5, 0 in use and 6 needed') as string,
    });
    await world.deployed({
      pluginVersion: '2.0.0',
      strategy: 'Rolling',
      strategyConfig: { batchSize: '1', batchInterval: '0' },
    });
  });

  it('never passes a quota, however many ask at once', async () => {
    await world.tenant({ quotas: { ...defaultQuotas, maxInstances: 7, maxPlugins: 1_000, maxCpu: 1_000 } });
    const asked = Array.from({ length: 60 }, (_, at) => world.deploy({ pluginId: `plugin-${at}` }));
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    for (const each of settled)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(held()).toHaveLength(7);
  });

  it('keeps the settings that are, when it is given none, and opens secrets for instances only', async () => {
    await world.putSecret('stripe', 'sk-very-secret');
    await world.deployed({ configuration: { key: 'Bearer ${secret:stripe}', mode: 'live' } });
    const id = await world.deployed({ pluginVersion: '2.0.0' });
    expect(applied('2.0.0')).toMatchObject({
      settings: { key: 'Bearer sk-very-secret', mode: 'live' },
    });
    expect(JSON.stringify(await world.read(id))).not.toContain('sk-very-secret');
    const tables = ['releases', 'sets', 'rollouts', 'history', 'secrets'];
    for (const table of tables) {
      const rows = await world.database.look(`SELECT * FROM deployments.${table}`);
      expect(JSON.stringify(rows)).not.toContain('sk-very-secret');
    }
    expect(JSON.stringify(await world.database.look('SELECT * FROM events.feed_rows'))).not.toContain(
      'sk-very',
    );
    await expect(world.deleteSecret('stripe')).rejects.toMatchObject(refused('CONFLICT', 'core-payments'));
  });

  it('shows a tenant its own deployments only', async () => {
    await world.deploy({});
    expect((await world.list(world.admin)).total).toBe(1);
    expect((await world.list(platformAdmin, { tenantId: world.tenantId })).total).toBe(1);
    expect(
      (await world.list(callOf('TenantAdmin', 'somebody-else'), { tenantId: world.tenantId })).total,
    ).toBe(0);
    const { deploymentId } = await world.deploy({ pluginVersion: '2.0.0' });
    await expect(world.read(deploymentId, callOf('TenantAdmin', 'somebody-else'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

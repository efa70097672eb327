import { defaultQuotas } from '@switchyard/contracts';
import type { AppError } from '@switchyard/errors';
import { ADeployments, callOf } from '../contract/a-deployments.js';

type Body = Record<string, unknown>;

describe('a plan', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
    const needs = (dependencyId: string) => ({
      dependencyId,
      type: 'Plugin' as const,
      versionConstraint: '^1.0.0',
      required: true,
    });
    const version = (number: string, ...dependencies: ReturnType<typeof needs>[]) => ({
      version: number,
      state: 'Stable' as const,
      dependencies,
      conflicts: [],
    });
    Object.assign(world.registry.catalogue, {
      shop: [version('1.0.0', needs('cart'))],
      cart: [version('1.0.0', needs('store')), version('2.0.0', needs('store'))],
      store: [version('1.1.0')],
    });
  });
  beforeEach(async () => {
    Object.assign(world.registry, { settingsSchema: null, refusals: [], instead: {} });
    await world.newTenant();
  });
  afterAll(() => world.close());

  const rows = async () => {
    const tables = ['rollouts', 'releases', 'sets', 'installations', 'history', 'quota_locks'];
    const counts = await Promise.all(
      tables.map((table) => world.database.look(`SELECT count(*)::int AS n FROM deployments.${table}`)),
    );
    const audit = await world.database.look('SELECT count(*)::int AS n FROM audit.entries');
    return [...counts, audit];
  };

  it('says what would happen, and writes nothing', async () => {
    const stable = await world.deployed({ totalInstances: 4 });
    const before = [await rows(), [...world.registry.pins]];
    const plan = await world.plan({ pluginVersion: '2.0.0', strategy: undefined });
    expect(plan).toMatchObject({
      deployable: true,
      problems: [],
      pluginVersion: '2.0.0',
      environment: 'Production',
      current: { pluginVersion: '1.0.0', deploymentId: stable, totalInstances: 4 },
      replaces: null,
      strategy: 'Canary',
      strategyConfig: {
        stages: '10,30,50,100',
        stageInterval: '300',
        autoRollback: 'true',
        minSamples: '20',
      },
      totalInstances: 4,
      enforcement: { memory: expect.any(String) as string, notes: expect.any(Array) as unknown },
      dependencies: [],
    });
    expect(plan.stages.map(({ name, weight, instances }) => [name, weight, instances])).toEqual([
      ['stage 10 %', 10, 1],
      ['stage 30 %', 30, 2],
      ['stage 50 %', 50, 2],
      ['stage 100 %', 100, 4],
    ]);
    expect(plan.quotas).toContainEqual({ quota: 'maxInstances', limit: 1_000, used: 0, needed: 8 });
    expect([await rows(), [...world.registry.pins]]).toEqual(before);
  });

  it('says who has to approve it', async () => {
    expect((await world.plan({})).approvals).toMatchObject({ required: 0 });
    await world.needApprovals(2, ['TenantAdmin']);
    expect((await world.plan({})).approvals).toEqual({ required: 2, roles: ['TenantAdmin'] });
  });

  it('counts a first deployment and what it would replace', async () => {
    expect(await world.plan({ totalInstances: 3 })).toMatchObject({
      current: null,
      stages: [{ name: 'the first deployment', weight: 100, instances: 3, currentInstances: 0 }],
    });
    world.orchestrator.refusal = 'no room';
    const { deploymentId } = await world.deploy({});
    expect(await world.plan({ pluginVersion: '2.0.0' })).toMatchObject({ replaces: deploymentId });
    world.orchestrator.refusal = undefined;
  });

  it('names what is installed first, in order, with the quota that all of it takes', async () => {
    const plan = await world.plan({ pluginId: 'shop', installDependencies: true });
    expect(plan).toMatchObject({
      deployable: true,
      dependencies: [
        { pluginId: 'store', pluginVersion: '1.1.0' },
        { pluginId: 'cart', pluginVersion: '1.0.0' },
      ],
    });
    expect(plan.quotas).toEqual(
      expect.arrayContaining([
        { quota: 'maxInstances', limit: 1_000, used: 0, needed: 3 },
        { quota: 'maxPlugins', limit: 1_000, used: 0, needed: 3 },
      ]),
    );
  });

  const cases: [string, (world: ADeployments) => unknown, Body, string, string | null][] = [
    [
      'a wrong strategy',
      () => undefined,
      { strategyConfig: { batchSize: '1' } },
      'VALIDATION_ERROR',
      'strategyConfig.batchSize',
    ],
    ['what there is not', () => undefined, { pluginId: 'never-was' }, 'NOT_FOUND', null],
    ['what may not be deployed', (it) => (it.registry.refusals = ['it was recalled']), {}, 'CONFLICT', null],
    ['what is not in the store', () => undefined, { pluginId: 'elsewhere' }, 'CONFLICT', null],
    ['what nothing runs', () => undefined, { pluginId: 'in-dotnet' }, 'CONFLICT', null],
    ['a missing dependency', () => undefined, { pluginId: 'shop' }, 'DEPENDENCY_CONFLICT', null],
    [
      'a missing secret',
      () => undefined,
      { configuration: { key: '${secret:none}' } },
      'VALIDATION_ERROR',
      'configuration.key',
    ],
    [
      'wrong settings',
      (it) => (it.registry.settingsSchema = { type: 'object', required: ['mode'] }),
      {},
      'VALIDATION_ERROR',
      'configuration.mode',
    ],
    ['a suspended tenant', (it) => it.tenant({ status: 'Suspended' }), {}, 'TENANT_SUSPENDED', null],
    [
      'a category that is not allowed',
      (it) => it.tenant({ allowedCategories: ['Payments'] }),
      {},
      'CATEGORY_NOT_ALLOWED',
      'pluginId',
    ],
    ['a signature that is missing', (it) => it.tenant({ requireSignedVersions: true }), {}, 'CONFLICT', null],
    [
      'too many an hour',
      (it) => it.tenant({ rateLimits: { maxRequestsPerMinute: 1, maxDeploymentsPerHour: 0 } }),
      {},
      'RATE_LIMIT_EXCEEDED',
      null,
    ],
    [
      'no room',
      (it) => it.tenant({ quotas: { ...defaultQuotas, maxInstances: 1 } }),
      { totalInstances: 2 },
      'QUOTA_EXCEEDED',
      'maxInstances',
    ],
    [
      'no room for all that it needs',
      (it) => it.tenant({ quotas: { ...defaultQuotas, maxInstances: 2 } }),
      { pluginId: 'shop', installDependencies: true },
      'QUOTA_EXCEEDED',
      'maxInstances',
    ],
    [
      'a name that another one answers to',
      async (it) => {
        await it.deployed({ pluginId: 'first' });
        it.registry.instead = { manifest: { Api_prefix: 'first' } };
      },
      {},
      'CONFLICT',
      null,
    ],
  ];

  it.each(cases)('refuses %s as to deploy does', async (_what, given, body, code, field) => {
    await given(world);
    const { deployable, problems } = await world.plan(body);
    expect(deployable).toBe(false);
    expect(problems.map((each) => each.code)).toEqual([code]);
    expect(problems[0]).toMatchObject({ field });
    const refusal = (await world.deploy(body).catch((error: unknown) => error)) as AppError;
    expect(refusal.code).toBe(code);
    // Fields are told one by one in a plan.
    if (code !== 'VALIDATION_ERROR') expect(refusal.message).toBe(problems[0]!.message);
  });

  it('names all reasons at once, and the first is the one that to deploy names', async () => {
    await world.tenant({ allowedCategories: ['Payments'], quotas: { ...defaultQuotas, maxInstances: 1 } });
    world.registry.settingsSchema = {
      type: 'object',
      required: ['mode'],
      properties: { retries: { type: 'integer' } },
    };
    const body = {
      pluginId: 'shop',
      totalInstances: 3,
      strategyConfig: { stages: '1', nothing: '1' },
      configuration: { retries: 'many' },
    };
    const { problems } = await world.plan(body);
    expect(problems.map(({ code, field }) => `${code} ${field ?? ''}`)).toEqual([
      'VALIDATION_ERROR strategyConfig.stages',
      'VALIDATION_ERROR strategyConfig.nothing',
      'DEPENDENCY_CONFLICT ',
      'CATEGORY_NOT_ALLOWED pluginId',
      'VALIDATION_ERROR configuration.mode',
      'VALIDATION_ERROR configuration.retries',
    ]);
    await expect(world.deploy(body)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'strategyConfig.stages' }, { field: 'strategyConfig.nothing' }],
    });
  });

  it('is for whose tenant it is', async () => {
    const foreign = callOf('TenantAdmin', 'somebody-else');
    await expect(world.plan({ tenantId: world.tenantId }, foreign)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(world.plan({}, callOf('PlatformAdmin', null))).rejects.toMatchObject({
      details: [{ field: 'tenantId' }],
    });
  });
});

describe('settings', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
    world.registry.settingsSchema = {
      type: 'object',
      properties: {
        key: { type: 'string', pattern: '^sk-' },
        nested: { type: 'array', items: { type: 'number' } },
      },
      required: ['key'],
      additionalProperties: false,
    };
  });
  afterAll(() => world.close());

  it('are judged with secrets in their places, and what is wrong names places and never values', async () => {
    await world.putSecret('good', 'sk-1234');
    await world.putSecret('bad', 'pk-very-secret');
    await world.deploy({ configuration: { key: '${secret:good}' } });
    const refusal = (await world
      .deploy({ configuration: { key: '${secret:bad}', nested: [1, 'two'], more: 1 } })
      .catch((error: unknown) => error)) as AppError;
    expect(refusal).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: expect.arrayContaining([
        expect.objectContaining({ field: 'configuration.key' }),
        expect.objectContaining({ field: 'configuration.nested[1]' }),
        { field: 'configuration.more', message: 'is no setting of this plugin' },
      ]) as unknown,
    });
    expect(JSON.stringify([refusal.message, refusal.details])).not.toContain('very-secret');
  });

  it('that stay must fit the new version too', async () => {
    await world.newTenant();
    await world.putSecret('good', 'sk-1234');
    await world.deployed({ configuration: { key: '${secret:good}' } });
    world.registry.settingsSchema = { type: 'object', properties: { key: { type: 'number' } } };
    await expect(world.deploy({ pluginVersion: '2.0.0' })).rejects.toMatchObject({
      details: [{ field: 'configuration.key' }],
    });
  });
});

describe('what an environment runs', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
    const dependency = {
      dependencyId: 'store',
      type: 'Plugin' as const,
      versionConstraint: '^1.0.0',
      required: true,
    };
    const plain = { state: 'Stable' as const, conflicts: [] };
    Object.assign(world.registry.catalogue, {
      cart: [
        {
          ...plain,
          version: '1.0.0',
          dependencies: [
            dependency,
            { ...dependency, dependencyId: 'mailer', required: false },
            { ...dependency, dependencyId: 'NodeJs', type: 'Runtime', versionConstraint: '>=20' },
          ],
        },
      ],
      store: [{ ...plain, version: '1.0.0', dependencies: [] }],
    });
  });
  afterAll(() => world.close());

  it('is shown as a graph, also when something is missing in it', async () => {
    const cart = { pluginId: 'cart', environment: 'QA' };
    await world.deployed({ ...cart, installDependencies: true });
    const graph = {
      environment: 'QA',
      nodes: [
        { pluginId: 'cart', pluginVersion: '1.0.0', status: 'Active' },
        { pluginId: 'store', pluginVersion: '1.0.0', status: 'Active' },
      ],
      edges: [
        {
          from: 'cart',
          to: 'store',
          type: 'Plugin',
          versionConstraint: '^1.0.0',
          required: true,
          satisfied: true,
        },
        { from: 'cart', to: 'mailer', required: false, satisfied: true },
      ],
    };
    expect(await world.dependencyGraph()).toMatchObject(graph);
    await world.undeploy('store', true);
    expect(await world.dependencyGraph({ environment: 'QA' })).toMatchObject({
      nodes: [{ pluginId: 'cart' }],
      edges: [
        { to: 'store', satisfied: false },
        { to: 'mailer', satisfied: true },
      ],
    });
    expect(await world.dependencyGraph({ environment: 'Production' })).toMatchObject({
      nodes: [],
      edges: [],
    });
  });

  it('is what a version is asked to get on with', async () => {
    await world.newTenant();
    const question = { pluginId: 'cart', pluginVersion: '1.0.0' };
    expect(await world.validateDependencies(question)).toMatchObject({
      valid: true,
      environment: 'Production',
      install: [
        { pluginId: 'store', version: '1.0.0', alreadyInstalled: false },
        { pluginId: 'cart', version: '1.0.0' },
      ],
    });
    await world.deployed({ pluginId: 'store', pluginVersion: '1.0.0' });
    await world.deployed({ pluginId: 'cart', pluginVersion: '1.0.0' });
    expect(await world.validateDependencies({ pluginId: 'store', pluginVersion: '2.0.0' })).toMatchObject({
      valid: false,
      install: [],
      problems: [{ kind: expect.any(String) as string, chain: expect.any(Array) as unknown }],
    });
  });
});

import type { CandidateVersion } from '@switchyard/dependencies';
import { eventually } from '@switchyard/testing';
import { ADeployments } from '../contract/a-deployments.js';

const versionOf = (version: string, needs: Record<string, string> = {}): CandidateVersion => ({
  version,
  state: 'Stable',
  dependencies: Object.entries(needs).map(([dependencyId, versionConstraint]) => ({
    dependencyId,
    type: 'Plugin',
    versionConstraint,
    required: true,
  })),
  conflicts: [],
});

describe('deploying what needs something else', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
    Object.assign(world.registry.catalogue, {
      shop: [versionOf('1.0.0', { cart: '^1.0.0' })],
      cart: [versionOf('1.0.0', { store: '^1.0.0' }), versionOf('2.0.0', { store: '^1.0.0' })],
      store: [versionOf('1.0.0'), versionOf('1.1.0'), versionOf('2.0.0')],
    });
  });
  beforeEach(async () => {
    world.orchestrator.refusal = undefined;
    await world.newTenant();
  });
  afterAll(() => world.close());

  const shop = (more: object = {}) => world.deploy({ pluginId: 'shop', ...more });
  const held = () => [...world.registry.pins.values()].sort();
  const started = async (pluginId: string, version: string) =>
    (await world.deployed({ pluginId, pluginVersion: version })) !== '';
  const statusOf = async (id: string) => (await world.rollout(id))['status'];

  it('is refused with the chain that leads to what is missing, and what would solve it', async () => {
    await expect(shop()).rejects.toMatchObject({
      code: 'DEPENDENCY_CONFLICT',
      message: expect.stringContaining('needs what is not installed: store 1.1.0, cart 1.0.0') as string,
      details: [
        {
          kind: 'missing',
          field: 'shop@1.0.0 -> cart@1.0.0 -> store ^1.0.0',
          chain: [
            { id: 'shop', version: '1.0.0' },
            { id: 'cart', version: '1.0.0' },
            { id: 'store', constraint: '^1.0.0' },
          ],
          solution: 'Deploy store 1.1.0 first, or send "installDependencies": true',
        },
        { field: 'shop@1.0.0 -> cart ^1.0.0' },
      ],
    });
    expect(held()).toEqual([]);
  });

  it('is taken when all of it is there', async () => {
    await started('store', '1.0.0');
    await started('cart', '1.0.0');
    expect(await shop()).toMatchObject({ status: 'Pending', dependencies: [] });
  });

  it('is refused when what is there does not fit, also when it may install', async () => {
    await started('store', '1.0.0');
    await started('cart', '2.0.0');
    for (const installDependencies of [false, true])
      await expect(shop({ installDependencies })).rejects.toMatchObject({
        code: 'DEPENDENCY_CONFLICT',
        details: [{ chain: expect.arrayContaining([expect.objectContaining({ id: 'cart' })]) as unknown }],
      });
  });

  it('keeps what is there working: a version that others cannot do with is refused', async () => {
    await started('store', '1.0.0');
    await started('cart', '1.0.0');
    await expect(world.deploy({ pluginId: 'store', pluginVersion: '2.0.0' })).rejects.toMatchObject({
      code: 'DEPENDENCY_CONFLICT',
    });
    await world.deploy({ pluginId: 'store', pluginVersion: '1.1.0' });
  });

  it('looks at what is about to run as well', async () => {
    await started('store', '1.0.0');
    await started('cart', '1.0.0');
    await world.deploy({
      pluginId: 'cart',
      pluginVersion: '2.0.0',
      strategy: 'Canary',
      strategyConfig: { stages: '10,100', stageInterval: '600' },
    });
    await expect(shop()).rejects.toMatchObject({ code: 'DEPENDENCY_CONFLICT' });
  });

  it('installs first what is missing, in order, and starts when that is there', async () => {
    const { deploymentId, dependencies } = await shop({ installDependencies: true });
    expect(dependencies.map(({ pluginId, pluginVersion }) => `${pluginId} ${pluginVersion}`)).toEqual([
      'store 1.1.0',
      'cart 1.0.0',
    ]);
    await world.settled(deploymentId, 'Completed');
    const [store, cart] = dependencies.map((each) => each.deploymentId);
    const times = await Promise.all(
      [store!, cart!, deploymentId].map(async (id) => {
        const { state, completed_at: completedAt } = await world.rollout(id);
        return { began: (state as { startedAt: number }).startedAt, ended: (completedAt as Date).getTime() };
      }),
    );
    expect(times[1]!.began).toBeGreaterThanOrEqual(times[0]!.ended);
    expect(times[2]!.began).toBeGreaterThanOrEqual(times[1]!.ended);
    expect(held()).toEqual(['cart@1.0.0', 'shop@1.0.0', 'store@1.1.0']);
  });

  it('waits meanwhile and says for what, across the end of the process that accepted it', async () => {
    world.orchestrator.refusal = 'no room';
    const { deploymentId, dependencies } = await shop({ installDependencies: true });
    const waitingFor = async () => (await world.read(deploymentId)).waitingFor;
    await eventually(async () =>
      expect(await waitingFor()).toBe(
        `its dependencies are being installed: store 1.1.0 by ${dependencies[0]!.deploymentId}, cart 1.0.0 by ${dependencies[1]!.deploymentId}`,
      ),
    );
    expect(await statusOf(deploymentId)).toBe('Pending');
    await world.stopOne();
    world.orchestrator.refusal = undefined;
    await world.start();
    await world.settled(deploymentId, 'Completed');
  });

  it('fails when one of them does, and names it', async () => {
    world.orchestrator.refusal = 'no room';
    const { deploymentId, dependencies } = await shop({ installDependencies: true });
    const store = dependencies[0]!.deploymentId;
    await eventually(async () => expect(await statusOf(store)).toBe('InProgress'));
    await world.decide(store, 'abort');
    await world.settled(deploymentId, 'Failed');
    const { state } = await world.rollout(deploymentId);
    expect((state as { ending: { reason: string } }).ending.reason).toBe(
      `Failed before the start: its dependency store 1.1.0 was not installed by ${store}: ` +
        'Rolled back at the first deployment: aborted by ada',
    );
    expect((await world.history(deploymentId)).map(({ event }) => event)).toEqual(['Failed']);
  });

  it('can be tried again with all that it needed', async () => {
    world.orchestrator.refusal = 'no room';
    const { deploymentId, dependencies } = await shop({ installDependencies: true });
    await world.decide(dependencies[0]!.deploymentId, 'abort');
    await world.settled(deploymentId, 'Failed');
    world.orchestrator.refusal = undefined;
    const again = await world.retry(deploymentId);
    expect(again.dependencies.map(({ pluginId }) => pluginId)).toEqual(['store', 'cart']);
    await world.settled(again.deploymentId, 'Completed');
  });

  it('waits for what somebody else is just installing', async () => {
    world.orchestrator.refusal = 'no room';
    await world.deploy({ pluginId: 'store', pluginVersion: '1.0.0' });
    const cart = await world.deploy({ pluginId: 'cart', pluginVersion: '1.0.0' });
    await eventually(async () =>
      expect((await world.read(cart.deploymentId)).waitingFor).toContain('store 1.0.0'),
    );
    world.orchestrator.refusal = undefined;
    await world.settled(cart.deploymentId, 'Completed');
  });

  it('reserves for all of them or for none', async () => {
    const { quotas } = await world.tenant({});
    await world.tenant({ quotas: { ...quotas, maxInstances: 2 } });
    await expect(shop({ installDependencies: true })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(held()).toEqual([]);
    expect((await world.list(world.admin)).total).toBe(0);
  });

  it('is counted with all that it begins', async () => {
    await world.tenant({ rateLimits: { maxRequestsPerMinute: 1, maxDeploymentsPerHour: 2 } });
    await expect(shop({ installDependencies: true })).rejects.toMatchObject({
      code: 'RATE_LIMIT_EXCEEDED',
      message: expect.stringContaining('this begins 3') as string,
    });
  });

  it('never ends without what it needs, whoever deploys and undeploys at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      await world.newTenant();
      await started('store', '1.0.0');
      const [cart, store] = await Promise.allSettled([
        world.deploy({ pluginId: 'cart', pluginVersion: '1.0.0' }),
        world.undeploy('store'),
      ]);
      expect([cart.status, store.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });

  describe('and taking it out', () => {
    beforeEach(async () => {
      await started('store', '1.0.0');
      await started('cart', '1.0.0');
    });

    it('is refused while others need it, who are named', async () => {
      await expect(world.undeploy('store')).rejects.toMatchObject({
        code: 'CONFLICT',
        message: '"store" is needed by cart 1.0.0: undeploy what needs it first, or send ?force=true',
        details: [{ field: 'cart', message: 'cart 1.0.0 needs store ^1.0.0' }],
      });
      await world.undeploy('cart');
      await world.undeploy('store');
    });

    it('is done all the same by force, which is audited', async () => {
      await world.undeploy('store', true);
      expect(
        await world.database.look(
          `SELECT details FROM audit.entries WHERE action = 'plugin.undeployed' AND tenant_id = $1`,
          [world.tenantId],
        ),
      ).toEqual([{ details: { environment: 'Production', force: true, dependents: ['cart 1.0.0'] } }]);
    });
  });
});

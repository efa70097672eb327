import { defaultQuotas } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import { ADeployments, callOf } from '../contract/a-deployments.js';

const canary = {
  strategy: 'Canary',
  strategyConfig: { stages: '50,100', stageInterval: '600' },
  totalInstances: 2,
  configuration: { mode: 'new' },
};

describe('trying a deployment again', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
  });
  beforeEach(() => world.newTenant());
  afterAll(() => world.close());

  /** A canary to 2.0.0 that somebody gave up. */
  const givenUp = async () => {
    await world.deployed({ configuration: { mode: 'old' } });
    const { deploymentId } = await world.deploy({ pluginVersion: '2.0.0', ...canary });
    await eventually(async () => expect(await world.read(deploymentId)).toMatchObject({ weight: 50 }));
    await world.decide(deploymentId, 'abort');
    await world.settled(deploymentId, 'RolledBack');
    return deploymentId;
  };

  it('ships the same in the same way, and each knows the other', async () => {
    const first = await givenUp();
    const { deploymentId: second } = await world.retry(first);
    expect(await world.read(second)).toMatchObject({
      pluginVersion: '2.0.0',
      strategy: 'Canary',
      strategyConfig: canary.strategyConfig,
      totalInstances: 2,
      retryOf: first,
      retriedBy: null,
    });
    expect(await world.read(first)).toMatchObject({ status: 'RolledBack', retryOf: null, retriedBy: second });
    const [before, after] = await Promise.all([world.rollout(first), world.rollout(second)]);
    expect(after).toMatchObject({ config: before['config'] });
    await world.promote(second, true);
    await world.settled(second, 'Completed');
    expect(world.orchestrator.applied.filter(({ setId }) => setId === after['set_id']).at(-1)).toMatchObject({
      settings: { mode: 'new' },
    });
  });

  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ['waits', async () => undefined, 'is Pending'],
    ['has been completed', (id) => world.decide(id, 'approve', world.adminNamed('bob')), 'is Completed'],
  ])('is refused of one that %s', async (_what, then, message) => {
    await world.needApprovals(1);
    const { deploymentId } = await world.deploy({});
    await then(deploymentId);
    await eventually(async () =>
      expect(await world.read(deploymentId)).toMatchObject({ status: message.slice(3) }),
    );
    await expect(world.retry(deploymentId)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is refused when something newer was deployed since, and says what', async () => {
    const first = await givenUp();
    const newer = await world.deployed({ pluginVersion: '3.0.0' });
    await expect(world.retry(first)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `"${newer}" (3.0.0) was deployed after "${first}": deploy what you want anew`,
    });
  });

  it('passes over what was only asked for, and never ran', async () => {
    const first = await givenUp();
    await world.needApprovals(1);
    const { deploymentId: rejected } = await world.deploy({ pluginVersion: '3.0.0' });
    await world.decide(rejected, 'reject');
    expect(await world.retry(first)).toMatchObject({ pluginVersion: '2.0.0', status: 'Pending' });
  });

  it('happens once, however many ask at the same moment', async () => {
    const first = await givenUp();
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => world.retry(first)));
    const done = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value.deploymentId] : []));
    expect(done).toHaveLength(1);
    for (const each of answers)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({
          code: 'CONFLICT',
          message: `The deployment "${first}" was already tried again as "${done[0]}"`,
        });
    expect([...world.registry.pins.values()].filter((pin) => pin.endsWith('2.0.0'))).toHaveLength(1);
  });

  it('is possible after a rollback, whose way back is no newer deployment of anybody', async () => {
    await world.deployed({});
    const second = await world.deployed({ pluginVersion: '2.0.0' });
    const { rollbackDeploymentId } = await world.rollBack(second);
    await world.settled(rollbackDeploymentId, 'Completed');
    const { deploymentId } = await world.retry(second);
    await world.settled(deploymentId, 'Completed');
    expect(await world.read(deploymentId)).toMatchObject({ pluginVersion: '2.0.0' });
  });

  it('is held to what any deployment is held to: quotas, approvals, signatures, rates, and whose it is', async () => {
    const first = await givenUp();
    await world.tenant({ quotas: { ...defaultQuotas, maxInstances: 2 } });
    await expect(world.retry(first)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await world.tenant({ requireSignedVersions: true });
    await expect(world.retry(first)).rejects.toMatchObject({ code: 'CONFLICT' });
    await world.tenant({ status: 'Suspended' });
    await expect(world.retry(first)).rejects.toMatchObject({ code: 'TENANT_SUSPENDED' });
    await world.tenant({ rateLimits: { maxRequestsPerMinute: 1, maxDeploymentsPerHour: 1 } });
    await expect(world.retry(first)).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
    await world.tenant({});
    await expect(world.retry(first, callOf('TenantAdmin', 'somebody-else'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await world.needApprovals(1);
    const { deploymentId } = await world.retry(first, callOf('PlatformAdmin', null, 'root'));
    await expect(
      world.decide(deploymentId, 'approve', callOf('PlatformAdmin', null, 'root')),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await world.read(deploymentId)).toMatchObject({ status: 'Pending', approvals: { missing: 1 } });
  });
});

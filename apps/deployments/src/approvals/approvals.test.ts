import { defaultQuotas } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import { ADeployments } from '../contract/a-deployments.js';

const canary = { strategy: 'Canary', strategyConfig: { stages: '50,100', stageInterval: '600' } };

describe('a deployment that needs approvals', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open();
  });
  beforeEach(() => world.newTenant());
  afterAll(() => world.close());

  const requested = async (body: Record<string, unknown> = {}) => (await world.deploy(body)).deploymentId;
  const approve = (id: string, username: string, reason?: string) =>
    world.decide(id, 'approve', world.adminNamed(username), reason);

  it('waits, says for whom, and starts with the last one that is missing', async () => {
    await world.needApprovals(2);
    const id = await requested();
    expect(await world.read(id)).toMatchObject({
      status: 'Pending',
      reason: expect.stringMatching(
        /^Waits for 2 of 2 approvals, by a TenantAdmin or PlatformAdmin other than ada, until 20/,
      ) as string,
      approvals: { required: 2, missing: 2, given: [] },
    });
    await expect(approve(id, 'ada')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await approve(id, 'bob', 'seen in QA');
    expect(await approve(id, 'bob')).toMatchObject({ status: 'Pending', approvals: { missing: 1 } });
    await approve(id, 'carol');
    await world.settled(id, 'Completed');
    expect(await world.read(id)).toMatchObject({
      reason: expect.stringMatching(/^Completed/) as string,
      approvals: {
        missing: 0,
        given: [
          { approvedBy: 'bob', role: 'TenantAdmin', comment: 'seen in QA' },
          { approvedBy: 'carol', comment: null },
        ],
      },
    });
    const told = (await world.history(id)).map(({ text }) => text);
    expect(told.slice(0, 3)).toEqual([
      'Approved by bob: seen in QA (1 of 2)',
      'Approved by carol (2 of 2)',
      expect.stringMatching(/^Started/),
    ]);
    await expect(approve(id, 'dave')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('counts one person once, however often they press at the same moment', async () => {
    await world.needApprovals(3);
    const id = await requested();
    const names = ['bob', 'bob', 'bob', 'carol', 'carol', 'bob', 'carol', 'bob'];
    await Promise.all(names.map((name) => approve(id, name)));
    expect(await world.read(id)).toMatchObject({ status: 'Pending', approvals: { missing: 1 } });
    expect((await world.history(id)).map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  it('ends Failed when somebody rejects it, with who and why', async () => {
    await world.needApprovals(2);
    const id = await requested();
    await approve(id, 'bob');
    await world.decide(id, 'reject', world.adminNamed('carol'), 'not on a Friday');
    await world.settled(id, 'Failed');
    expect(await world.read(id)).toMatchObject({
      reason: 'Failed before the start: rejected by carol: not on a Friday',
    });
  });

  it('is held to the policy of its own day', async () => {
    await world.needApprovals(1, ['PlatformAdmin']);
    const before = await requested({ pluginId: 'before' });
    await world.needApprovals(0);
    const after = await requested({ pluginId: 'after' });
    await world.settled(after, 'Completed');
    await expect(approve(before, 'bob')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await world.read(before)).toMatchObject({ status: 'Pending', approvals: { missing: 1 } });
  });

  it('stops nothing that moves before it is approved, and takes its place then', async () => {
    await world.deployed({});
    const moving = await requested({ pluginVersion: '2.0.0', ...canary });
    await world.needApprovals(1);
    const waiting = await requested({ pluginVersion: '3.0.0' });
    await eventually(async () => expect(await world.read(moving)).toMatchObject({ weight: 50 }));
    await approve(waiting, 'bob');
    await world.settled(waiting, 'Completed');
    expect(await world.read(moving)).toMatchObject({ status: 'Failed', supersededBy: waiting });
  });

  it('gives way to a newer request, and to the way back, which waits for nobody', async () => {
    await world.deployed({});
    const second = await world.deployed({ pluginVersion: '2.0.0' });
    await world.needApprovals(1);
    const older = await requested({ pluginVersion: '3.0.0' });
    const newer = await requested({ pluginVersion: '4.0.0' });
    await eventually(async () =>
      expect(await world.read(older)).toMatchObject({ status: 'Failed', supersededBy: newer }),
    );
    const { rollbackDeploymentId } = await world.rollBack(second);
    await world.settled(rollbackDeploymentId, 'Completed');
    expect(await world.read(rollbackDeploymentId)).toMatchObject({ approvals: null });
    expect(await world.read(newer)).toMatchObject({ supersededBy: rollbackDeploymentId });
  });

  it('reserves anew what it takes, when more runs by the time it is approved', async () => {
    await world.tenant({ quotas: { ...defaultQuotas, maxInstances: 5, maxCpu: 100 } });
    await world.deployed({ totalInstances: 1 });
    const moving = await requested({ pluginVersion: '2.0.0', totalInstances: 4, ...canary });
    await world.needApprovals(1);
    const waiting = await requested({ pluginVersion: '3.0.0', totalInstances: 2, ...canary });
    await world.promote(moving, true);
    await world.settled(moving, 'Completed');
    await expect(approve(waiting, 'bob')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await world.read(waiting)).toMatchObject({ status: 'Pending', approvals: { missing: 1 } });
  });

  it('counts against the quotas while it waits', async () => {
    await world.tenant({ quotas: { ...defaultQuotas, maxInstances: 3, maxCpu: 100 } });
    await world.needApprovals(1);
    await requested({ pluginId: 'one', totalInstances: 2 });
    await expect(requested({ pluginId: 'two', totalInstances: 2 })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
  });

  it('ends when the approval does not come in time, and says how many there were', async () => {
    await world.needApprovals(2);
    const id = await requested();
    await approve(id, 'bob');
    await world.database.look(
      `UPDATE deployments.rollouts SET approval_expires_at = '2026-01-02T03:04:05Z' WHERE deployment_id = $1`,
      [id],
    );
    await world.settled(id, 'Failed');
    expect(await world.read(id)).toMatchObject({
      reason:
        'Failed before the start: rejected by switchyard: 1 of 2 approvals were given until 2026-01-02T03:04:05.000Z',
    });
    expect(await world.instances()).toEqual(new Map());
  });
});

import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { password } from '../../support/world.js';
import { mustAnswer } from '../registry/a-plugin.js';
import { answering, deploy, publish } from './a-deployable.js';

const tenantId = 'acme-corp';
const pluginId = 'core-payments';
const policyPath = `/api/v1/tenants/${tenantId}/approval-policy`;
const rateLimits = { maxRequestsPerMinute: 1_000_000, maxDeploymentsPerHour: 1_000 };

describe('approvals', () => {
  let platform: RunningPlatform;
  /** By what they are called in the table below. */
  let people: Record<string, Client>;

  beforeAll(async () => {
    platform = await startPlatform();
    const { admin, anonymous, signIn } = platform;
    for (const id of [tenantId, 'other-corp'])
      await mustAnswer(admin.post('/api/v1/tenants', { tenantId: id, name: id, rateLimits }), 201);
    const person = async (username: string, role: string, tenant = tenantId) => {
      await mustAnswer(admin.post('/api/v1/users', { username, password, role, tenantId: tenant }), 201);
      return await signIn(username, password);
    };
    const ada = await person('ada', 'TenantAdmin');
    const robot = await mustAnswer(
      ada.post(`/api/v1/tenants/${tenantId}/robots`, { name: 'ci', role: 'TenantAdmin' }),
      201,
    );
    people = {
      'who asked for it': ada,
      'another TenantAdmin': await person('bob', 'TenantAdmin'),
      'a PlatformAdmin': admin,
      'a Viewer': await person('vera', 'Viewer'),
      'a TenantUser': await person('uma', 'TenantUser'),
      'an admin of another tenant': await person('fred', 'TenantAdmin', 'other-corp'),
      'a robot of who asked': anonymous.with((robot.body as { token: string }).token),
      nobody: anonymous,
    };
    await publish(admin, pluginId, '1.0.0', answering('one'));
  });
  afterAll(() => platform.stop());

  const who = (name: string): Client => people[name]!;
  const setPolicy = (rule: object, headers: Record<string, string> = {}) =>
    who('who asked for it').put(policyPath, { environments: { Production: rule } }, headers);
  const ask = () => deploy(who('who asked for it'), { pluginId, pluginVersion: '1.0.0', strategy: 'Direct' });
  const read = async (id: string) =>
    (await who('who asked for it').get(`/api/v1/plugin-deployments/${id}`)).body;
  const approve = (name: string, id: string, reason?: string) =>
    who(name).post(`/api/v1/plugin-deployments/${id}/approve`, { reason });

  it('are asked for by nobody until a policy says so, and one change cannot undo another unseen', async () => {
    const before = await mustAnswer(who('another TenantAdmin').get(policyPath), 200);
    expect(before.body).toMatchObject({
      tenantId,
      environments: { Production: { approvals: 0 }, QA: { approvals: 0 } },
      updatedAt: null,
    });
    const etag = before.headers.get('etag') ?? '';
    const put = await mustAnswer(setPolicy({ approvals: 2 }, { 'if-match': etag }), 200);
    expect(put.body).toMatchObject({
      environments: {
        Production: { approvals: 2, roles: ['TenantAdmin', 'PlatformAdmin'] },
        QA: { approvals: 0 },
      },
      updatedBy: 'ada',
    });
    expect(await setPolicy({ approvals: 0 }, { 'if-match': etag })).toMatchObject({ status: 412 });
    expect((await who('a PlatformAdmin').get(policyPath)).body).toEqual(put.body);
  });

  it.each([
    ['more than anybody can give', { approvals: 6 }, 'Production.approvals'],
    ['roles that may not approve', { approvals: 1, roles: ['Viewer'] }, 'Production.roles'],
    ['no roles at all', { approvals: 1, roles: [] }, 'Production.roles'],
    ['a role twice', { approvals: 1, roles: ['TenantAdmin', 'TenantAdmin'] }, 'Production.roles'],
  ])('are not set to %s', async (_what, rule, field) => {
    expect(await setPolicy(rule)).toMatchObject({
      status: 400,
      body: { error: { details: [{ field: expect.stringContaining(field) as string }] } },
    });
  });

  it.each([
    ['who asked for it', ['TenantAdmin', 'PlatformAdmin'], 403, 'You asked for this deployment'],
    ['another TenantAdmin', ['TenantAdmin'], 202, ''],
    ['another TenantAdmin', ['PlatformAdmin'], 403, 'it takes PlatformAdmin'],
    ['a PlatformAdmin', ['PlatformAdmin'], 202, ''],
    ['a PlatformAdmin', ['TenantAdmin'], 403, 'it takes TenantAdmin'],
    ['a Viewer', ['TenantAdmin'], 403, 'A Viewer may not'],
    ['a TenantUser', ['TenantAdmin'], 403, 'A TenantUser may not'],
    ['an admin of another tenant', ['TenantAdmin'], 404, 'dep-'],
    ['a robot of who asked', ['TenantAdmin'], 403, 'A robot may not'],
    ['nobody', ['TenantAdmin'], 401, ''],
  ])('of %s, where it takes %s, are answered %s', async (name, roles, status, message) => {
    await mustAnswer(setPolicy({ approvals: 1, roles }), 200);
    const id = await ask();
    const answer = await approve(name, id);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
    if (status === 202)
      await eventually(async () => expect(await read(id)).toMatchObject({ status: 'Completed' }), 30_000);
    else expect(await read(id)).toMatchObject({ status: 'Pending', approvals: { missing: 1, given: [] } });
  });

  it('let a deployment run once they are there, and are told of in it, its history and the audit log', async () => {
    await mustAnswer(setPolicy({ approvals: 2 }), 200);
    const id = await ask();
    expect(await read(id)).toMatchObject({
      status: 'Pending',
      reason: expect.stringContaining('Waits for 2 of 2 approvals') as string,
    });
    await mustAnswer(approve('another TenantAdmin', id, 'seen in QA'), 202);
    await mustAnswer(approve('another TenantAdmin', id), 202);
    expect(await read(id)).toMatchObject({ status: 'Pending', approvals: { missing: 1 } });
    await mustAnswer(approve('a PlatformAdmin', id), 202);
    await eventually(async () => expect(await read(id)).toMatchObject({ status: 'Completed' }), 30_000);
    expect(await read(id)).toMatchObject({
      approvals: {
        required: 2,
        missing: 0,
        given: [
          { approvedBy: 'bob', role: 'TenantAdmin', comment: 'seen in QA' },
          { role: 'PlatformAdmin', comment: null },
        ],
      },
    });
    const history = await who('who asked for it').get(`/api/v1/plugin-deployments/${id}/history`);
    const told = (history.body as { history: { text: string }[] }).history.map(({ text }) => text);
    expect(told.slice(0, 3)).toEqual([
      'Approved by bob: seen in QA (1 of 2)',
      'Approved by admin@example.com (2 of 2)',
      'Started: Direct to 1 instance',
    ]);
    await eventually(async () => {
      const audit = await who('who asked for it').get(`/api/v1/tenants/${tenantId}/audit?limit=100`);
      const entries = (audit.body as { entries: { action: string; subject: string }[] }).entries;
      expect(
        entries.filter((each) => each.action === 'deployment.approve' && each.subject === id),
      ).toHaveLength(2);
      expect(entries.some(({ action }) => action === 'approval-policy.changed')).toBe(true);
    });
  });

  it('can be refused, and the deployment has failed with who and why', async () => {
    const id = await ask();
    await mustAnswer(
      who('another TenantAdmin').post(`/api/v1/plugin-deployments/${id}/reject`, { reason: 'not today' }),
      202,
    );
    expect(await read(id)).toMatchObject({
      status: 'Failed',
      reason: 'Failed before the start: rejected by bob: not today',
    });
    expect(await approve('a PlatformAdmin', id)).toMatchObject({ status: 409 });
  });

  it('are needed anew when a refused deployment is tried again', async () => {
    const id = await ask();
    const retry = () => who('who asked for it').post(`/api/v1/plugin-deployments/${id}/retry`);
    expect(await retry()).toMatchObject({
      status: 409,
      body: {
        error: { message: expect.stringContaining('only one that is Failed or RolledBack') as string },
      },
    });
    await mustAnswer(who('another TenantAdmin').post(`/api/v1/plugin-deployments/${id}/reject`), 202);
    const { body } = await mustAnswer(retry(), 202);
    expect(body).toMatchObject({ status: 'Pending', pluginVersion: '1.0.0', retryOf: id });
    const { deploymentId } = body as { deploymentId: string };
    expect(await read(id)).toMatchObject({ retriedBy: deploymentId });
    expect(await read(deploymentId)).toMatchObject({
      retryOf: id,
      approvals: { missing: expect.any(Number) as number },
    });
    expect(await retry()).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining(deploymentId) as string } },
    });
  });
});

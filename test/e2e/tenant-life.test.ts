import { eventually } from '@switchyard/testing';
import { actionsIn, readAll } from '../support/pages.js';
import { acceptedEverywhere, refusedWithinASecond } from '../support/sessions.js';
import { trustedIssuer } from '../support/outside-issuer.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const tenants = '/api/v1/tenants';
const password = 'a password for the tests';
const copies = ['registry', 'deployments', 'health'] as const;

describe('the life of a tenant', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ TENANT_PURGE_HOURS: '0', HOUSEKEEPING_SECONDS: '1' });
  });
  afterAll(() => platform.stop());

  const create = async (tenantId: string, more: object = {}) =>
    expect(await platform.admin.post(tenants, { tenantId, name: tenantId, ...more })).toMatchObject({
      status: 201,
    });
  const copyIn = (service: string, tenantId: string) =>
    platform.database.look<{ state: { status: string; name: string } }>(
      `SELECT state FROM ${service}.tenant_copies WHERE tenant_id = $1`,
      [tenantId],
    );

  it('is listed page by page, newest first, with no repeats and the same order by cursor and by offset', async () => {
    const ids = Array.from({ length: 45 }, (_, i) => `many-${String(i).padStart(2, '0')}`);
    for (const id of ids) await create(id, { subscriptionTier: 'Crowd' });
    const { items, pages, total } = await readAll(
      platform.admin,
      `${tenants}?tier=Crowd&limit=10`,
      'tenants',
    );
    expect(items.map(({ tenantId }) => tenantId)).toEqual(ids.toReversed());
    expect([pages, total]).toEqual([5, 45]);
    const offset = await platform.admin.get(`${tenants}?tier=Crowd&limit=10&offset=40`);
    expect(offset.body).toMatchObject({ total: 45, limit: 10, offset: 40, nextCursor: null });
    expect((offset.body as { tenants: unknown[] }).tenants).toEqual(items.slice(40));
    const first = (await platform.admin.get(`${tenants}?tier=Crowd&limit=1`)).body as { nextCursor: string };
    expect(await platform.admin.get(`${tenants}?search=many&cursor=${first.nextCursor}`)).toMatchObject({
      status: 400,
    });
    expect(await platform.admin.get(`${tenants}?search=MANY-0&tier=Crowd`)).toMatchObject({
      body: { total: 10 },
    });
    expect(await platform.admin.get(`${tenants}?search=%25&tier=Crowd`)).toMatchObject({
      body: { total: 0 },
    });
  });

  it('can be changed, read-only for a while, and deleted; every step is audited, and the chain holds', async () => {
    await create('lived', { quotas: { maxCpu: 2 } });
    const own = `${tenants}/lived`;
    await platform.admin.post(`${own}/users`, { username: 'lived-admin', password, role: 'TenantAdmin' });
    const admin = await platform.signIn('lived-admin', password);

    const change = { name: 'Lived on', quotas: { maxPlugins: 3 }, contactEmail: 'who@example.com' };
    expect(await platform.admin.patch(own, change)).toMatchObject({
      status: 200,
      body: {
        name: 'Lived on',
        quotas: { maxCpu: 2, maxPlugins: 3, maxInstances: 20 },
        contactEmail: 'who@example.com',
      },
    });
    expect(await platform.admin.patch(own, { contactEmail: null })).toMatchObject({
      body: { contactEmail: null },
    });
    for (const fixed of [{ tenantId: 'other' }, { namespace: 'other' }, { status: 'Suspended' }])
      expect(await platform.admin.patch(own, fixed)).toMatchObject({ status: 400 });

    expect(await platform.admin.post(`${own}/suspend`, { reason: 'unpaid' })).toMatchObject({
      status: 200,
      body: { status: 'Suspended' },
    });
    await eventually(async () => {
      const write = await admin.post(`${own}/robots`, {});
      expect(write).toMatchObject({ status: 403, body: { error: { code: 'TENANT_SUSPENDED' } } });
    });
    expect(await admin.get(own)).toMatchObject({ status: 200, body: { status: 'Suspended' } });
    expect(await admin.get(`${own}/users`)).toMatchObject({ status: 200, body: { total: 1 } });
    expect(await platform.admin.post(`${own}/suspend`)).toMatchObject({ status: 200 });
    expect(await platform.admin.post(`${own}/resume`)).toMatchObject({
      status: 200,
      body: { status: 'Active' },
    });
    await eventually(async () =>
      expect(await admin.post(`${own}/robots`, { name: 'in-time' })).toMatchObject({ status: 201 }),
    );
    expect(await admin.get(`${own}/metrics`)).toMatchObject({
      body: { users: 1, robots: 1, plugins: { used: 0, limit: 3 } },
    });

    expect(await actionsIn(admin, `${own}/audit`)).toEqual([
      'tenant.created',
      'user.created',
      'sign-in',
      'tenant.updated',
      'tenant.updated',
      'tenant.suspended',
      'tenant.resumed',
      'robot.created',
    ]);
    await eventually(async () =>
      expect(await admin.get(`${own}/audit/verify`)).toMatchObject({
        body: { valid: true, unsealed: 0, firstBroken: null },
      }),
    );
  });

  it('is known to every service, with each change', async () => {
    await create('copied');
    await platform.admin.patch(`${tenants}/copied`, { name: 'Copied twice' });
    await platform.admin.post(`${tenants}/copied/suspend`);
    for (const service of copies)
      await eventually(async () =>
        expect(await copyIn(service, 'copied')).toMatchObject([
          { state: { name: 'Copied twice', status: 'Suspended' } },
        ]),
      );
  });

  it('ends for good when its time is over: people and robots are out, data is gone, its id and namespace are never given again', async () => {
    await create('purged', { namespace: 'purged-space' });
    const own = `${tenants}/purged`;
    await platform.admin.post(`${own}/users`, { username: 'purged-admin', password, role: 'TenantAdmin' });
    const admin = await platform.signIn('purged-admin', password);
    const { body } = await admin.post(`${own}/robots`, { name: 'purged' });
    const robot = platform.anonymous.with((body as { token: string }).token);
    const issuer = await trustedIssuer(platform, 'purged-issuer');
    const rule = { name: 'purged', issuerId: 'purged-issuer', claims: { repository: 'acme/stripe' } };
    expect(await admin.post(`${own}/trust-rules`, rule)).toMatchObject({ status: 201 });
    const exchanged = await platform.anonymous.post('/api/v1/authentication/exchange', {
      token: await issuer.sign(),
    });
    const job = platform.anonymous.with((exchanged.body as { token: string }).token);
    await issuer.stop();
    await acceptedEverywhere(admin, robot, job);
    const deleted = await platform.admin.delete(own);
    expect(deleted).toMatchObject({
      status: 202,
      body: { tenantId: 'purged', status: 'Deleting', purgeAt: expect.stringMatching(/Z$/) },
    });
    await eventually(async () => expect(await platform.admin.get(own)).toMatchObject({ status: 404 }));
    await refusedWithinASecond(admin, robot, job);
    for (const [field, tenant] of [
      ['tenantId', { tenantId: 'purged' }],
      ['namespace', { tenantId: 'newcomer', namespace: 'purged-space' }],
    ] as const)
      expect(await platform.admin.post(tenants, { name: 'Again', ...tenant })).toMatchObject({
        status: 409,
        body: { error: { details: [{ field }] } },
      });
    for (const service of copies)
      await eventually(async () => expect(await copyIn(service, 'purged')).toEqual([]));
    for (const table of ['tenants', 'users', 'robots', 'trust_rules'])
      expect(
        await platform.database.look(`SELECT 1 FROM tenants.${table} WHERE tenant_id = 'purged'`),
      ).toEqual([]);
    const kept = await platform.database.look<{ action: string }>(
      `SELECT action FROM audit.entries WHERE tenant_id = 'purged' AND action LIKE 'tenant.%' ORDER BY occurred_at`,
    );
    expect(kept.map(({ action }) => action)).toEqual(['tenant.created', 'tenant.deleted', 'tenant.purged']);
  });
});

describe('a deleted tenant in its grace period', () => {
  let platform: RunningPlatform;
  beforeAll(async () => (platform = await startPlatform({ HOUSEKEEPING_SECONDS: '1' })));
  afterAll(() => platform.stop());

  it('says when it ends, cannot be suspended, and is taken back by resuming it', async () => {
    await platform.admin.post(tenants, { tenantId: 'missed', name: 'Missed' });
    const { body } = await platform.admin.delete(`${tenants}/missed`);
    const days = (Date.parse((body as { purgeAt: string }).purgeAt) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 1);
    expect(await platform.admin.delete(`${tenants}/missed`)).toMatchObject({ status: 202, body });
    expect(await platform.admin.post(`${tenants}/missed/suspend`)).toMatchObject({ status: 409 });
    expect(await platform.admin.get(`${tenants}/missed`)).toMatchObject({ body: { status: 'Deleting' } });
    expect(await platform.admin.post(`${tenants}/missed/resume`)).toMatchObject({
      status: 200,
      body: { status: 'Active', purgeAt: null },
    });
  });
});

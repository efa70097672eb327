import { eventually } from '@switchyard/testing';
import { actionsIn, readAll } from '../support/pages.js';
import { demoAdmin, startPlatform, type RunningPlatform } from '../support/start-platform.js';

const users = '/api/v1/users';
const password = 'a password for the tests';

interface User {
  userId: string;
  username: string;
}

describe('people', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
    await platform.admin.post('/api/v1/tenants', { tenantId: 'peopled', name: 'Peopled' });
    await platform.admin.post('/api/v1/tenants', { tenantId: 'crowded', name: 'Crowded' });
  });
  afterAll(() => platform.stop());

  const create = async (username: string, role: string, tenantId?: string): Promise<User> => {
    const { status, body } = await platform.admin.post(users, { username, password, role, tenantId });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { role, tenantId: tenantId ?? null, status: 'Active' },
    });
    return body as User;
  };

  it.each([
    ['', users],
    ['of a tenant', '/api/v1/tenants/peopled/users'],
  ])('%s are created, read, changed, disabled, enabled and deleted', async (kind, path) => {
    const body = {
      username: `Lifelong${kind.length}@Example.com`,
      password,
      role: 'Viewer',
      displayName: 'A. Person',
    };
    const created = await platform.admin.post(path, kind === '' ? { ...body, tenantId: 'peopled' } : body);
    expect(created).toMatchObject({
      status: 201,
      body: { username: body.username.toLowerCase(), displayName: 'A. Person', tenantId: 'peopled' },
    });
    expect(created.text).not.toMatch(/password|hash/i);
    const own = `${path}/${(created.body as User).userId}`;
    const etag = String((await platform.admin.get(own)).headers.get('etag'));
    const rename = (ifMatch: string) =>
      platform.admin.patch(
        own,
        { displayName: 'Renamed' },
        { 'content-type': 'application/json', 'if-match': ifMatch },
      );
    expect(await rename(etag)).toMatchObject({ status: 200, body: { displayName: 'Renamed' } });
    expect(await rename(etag)).toMatchObject({ status: 412 });
    expect(await platform.admin.post(`${own}/disable`)).toMatchObject({
      status: 200,
      body: { status: 'Disabled' },
    });
    expect(await platform.admin.post(`${own}/disable`)).toMatchObject({
      status: 200,
      body: { status: 'Disabled' },
    });
    expect(await platform.admin.post(`${own}/enable`)).toMatchObject({
      status: 200,
      body: { status: 'Active' },
    });
    expect(await platform.admin.delete(own)).toMatchObject({ status: 204 });
    expect(await platform.admin.get(own)).toMatchObject({ status: 404 });
  });

  it('are listed by role, status and words, page by page', async () => {
    const names = Array.from({ length: 45 }, (_, i) => `crowd-${String(i).padStart(2, '0')}`);
    for (const name of names) await create(name, 'Viewer', 'crowded');
    for (const path of [`${users}?search=crowd-&limit=20`, '/api/v1/tenants/crowded/users?limit=20']) {
      const { items, pages, total } = await readAll(platform.admin, path, 'users');
      expect(items.map(({ username }) => username)).toEqual(names.toReversed());
      expect([pages, total]).toEqual([3, 45]);
    }
    expect(await platform.admin.get('/api/v1/tenants/crowded/users?role=TenantAdmin')).toMatchObject({
      body: { total: 0 },
    });
    expect(await platform.admin.get('/api/v1/tenants/crowded/users?status=Disabled')).toMatchObject({
      body: { total: 0 },
    });
  });

  it('have a name of their own, however it is written', async () => {
    await create('unique', 'Viewer', 'peopled');
    for (const username of ['unique', 'UNIQUE', 'ｕｎｉｑｕｅ'])
      expect(await platform.admin.post(users, { username, password, role: 'PlatformAdmin' })).toMatchObject({
        status: 409,
        body: { error: { details: [{ field: 'username' }] } },
      });
  });

  it.each([
    ['PlatformAdmin', 'peopled'],
    ['TenantAdmin', undefined],
    ['Viewer', undefined],
  ])('are no %s of tenant %s', async (role, tenantId) => {
    expect(
      await platform.admin.post(users, { username: 'misplaced', password, role, tenantId }),
    ).toMatchObject({ status: 400, body: { error: { details: [{ field: 'tenantId' }] } } });
  });

  it.each(['short', 'password123', 'weak-one'])('do not get "%s" for a password', async (weak) => {
    expect(
      await platform.admin.post(users, { username: 'weak-one', password: weak, role: 'PlatformAdmin' }),
    ).toMatchObject({ status: 400, body: { error: { details: [{ field: 'password' }] } } });
  });

  it('do not get their own name for a password later on either', async () => {
    const { userId } = await create('named-so', 'Viewer', 'peopled');
    for (const path of [`${users}/${userId}`, `/api/v1/tenants/peopled/users/${userId}`])
      expect(await platform.admin.patch(path, { password: 'named-so' })).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'password' }] } },
      });
  });

  it.each([
    'switchyard',
    'Anonymous',
    'robot:acme/x',
    'zero\u200bwidth',
    'over\u202eride',
    'ｓｗｉｔｃｈｙａｒｄ',
  ])('are not called %j', async (username) => {
    expect(await platform.admin.post(users, { username, password, role: 'PlatformAdmin' })).toMatchObject({
      status: 400,
      body: { error: { details: [{ field: 'username' }] } },
    });
  });

  it('have a name as long as it is kept, not as it was written', async () => {
    await platform.admin.post(users, { username: '\ufb03', password, role: 'PlatformAdmin' });
    const { body } = await platform.admin.get(`${users}?search=ffi`);
    expect(body).toMatchObject({ users: [{ username: 'ffi' }] });
    const username = '\ufdfa'.repeat(20);
    expect(await platform.admin.post(users, { username, password, role: 'PlatformAdmin' })).toMatchObject({
      status: 400,
    });
  });

  it('do not come to a tenant that is being deleted', async () => {
    await platform.admin.post('/api/v1/tenants', { tenantId: 'leaving', name: 'Leaving' });
    await platform.admin.delete('/api/v1/tenants/leaving');
    expect(
      await platform.admin.post(users, {
        username: 'too-late',
        password,
        role: 'Viewer',
        tenantId: 'leaving',
      }),
    ).toMatchObject({ status: 409, body: { error: { message: expect.stringContaining('Deleting') } } });
  });

  it('are no matter of a TenantAdmin while they are PluginDevelopers, but can be seen', async () => {
    await create('house-admin', 'TenantAdmin', 'peopled');
    const { userId } = await create('house-developer', 'PluginDeveloper', 'peopled');
    const admin = await platform.signIn('house-admin', password);
    const path = `/api/v1/tenants/peopled/users/${userId}`;
    for (const answer of [
      await admin.patch(path, { password: 'a password of the tenant' }),
      await admin.patch(path, { role: 'Viewer' }),
      await admin.post(`${path}/disable`),
      await admin.delete(path),
    ])
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
    expect(await admin.get(path)).toMatchObject({ status: 200, body: { status: 'Active' } });
  });

  it('do not leave their tenant without an admin, unless a PlatformAdmin wants it so', async () => {
    await platform.admin.post('/api/v1/tenants', { tenantId: 'lonely', name: 'Lonely' });
    const { userId } = await create('lonely-admin', 'TenantAdmin', 'lonely');
    const path = `/api/v1/tenants/lonely/users/${userId}`;
    const admin = await platform.signIn('lonely-admin', password);
    for (const answer of [
      await admin.post(`${path}/disable`),
      await admin.patch(path, { role: 'Viewer' }),
      await admin.delete(path),
    ])
      expect(answer).toMatchObject({
        status: 409,
        body: { error: { message: expect.stringContaining('last active TenantAdmin') } },
      });
    expect(await platform.admin.post(`${path}/disable`)).toMatchObject({ status: 200 });
  });

  it('are all written down in the audit log', async () => {
    const { userId } = await create('followed', 'Viewer', 'peopled');
    await platform.admin.patch(`${users}/${userId}`, { role: 'TenantUser' });
    await platform.admin.post(`${users}/${userId}/disable`);
    await platform.admin.post(`${users}/${userId}/enable`);
    await platform.admin.delete(`${users}/${userId}`);
    const { body } = await platform.admin.get('/api/v1/tenants/peopled/audit?action=user.&limit=100');
    const entries = (
      body as { entries: { action: string; subject: string; actor: string }[] }
    ).entries.filter(({ subject }) => subject === 'followed');
    expect(entries.map(({ action }) => action).toReversed()).toEqual([
      'user.created',
      'user.updated',
      'user.disabled',
      'user.enabled',
      'user.deleted',
    ]);
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set([demoAdmin.username]));
    expect(await actionsIn(platform.admin, '/api/v1/audit')).toContain('user.deleted');
    await eventually(async () =>
      expect(await platform.admin.get('/api/v1/audit/verify')).toMatchObject({ body: { valid: true } }),
    );
  });
});

describe('the last PlatformAdmin', () => {
  let platform: RunningPlatform;
  beforeAll(async () => (platform = await startPlatform()));
  afterAll(() => platform.stop());

  it('is not disabled, demoted or deleted, not even by two who do it to each other at once', async () => {
    const mine =
      ((await platform.admin.get(`${users}?role=PlatformAdmin`)).body as { users: User[] }).users[0]
        ?.userId ?? '';
    for (const refused of [
      platform.admin.post(`${users}/${mine}/disable`),
      platform.admin.patch(`${users}/${mine}`, { role: 'PluginDeveloper' }),
      platform.admin.delete(`${users}/${mine}`),
    ])
      expect(await refused).toMatchObject({
        status: 409,
        body: { error: { code: 'CONFLICT', message: expect.stringContaining('last active PlatformAdmin') } },
      });

    const other = (
      (await platform.admin.post(users, { username: 'second-admin', password, role: 'PlatformAdmin' }))
        .body as User
    ).userId;
    for (let round = 0; round < 5; round += 1) {
      const [one, two] = [
        await platform.signIn(demoAdmin.username, demoAdmin.password),
        await platform.signIn('second-admin', password),
      ];
      const answers = await Promise.all([
        one.post(`${users}/${other}/disable`),
        two.post(`${users}/${mine}/disable`),
      ]);
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      // The one who came second is refused, or is already out.
      expect([
        [200, 401],
        [200, 409],
      ]).toContainEqual(statuses);
      const survivor = answers[0].status === 200 ? one : two;
      await survivor.post(`${users}/${answers[0].status === 200 ? other : mine}/enable`);
    }
  });
});

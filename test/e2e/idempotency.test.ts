import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';

const tenants = '/api/v1/tenants';
const withKey = (key: string) => ({ 'idempotency-key': key });

describe('Idempotency-Key', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
    await platform.admin.post(tenants, { tenantId: 'idem-tenant', name: 'Idempotent' });
  });
  afterAll(() => platform.stop());

  it('gets the same answer for the same request, and says so', async () => {
    const body = { tenantId: 'idem-one', name: 'Once' };
    const first = await platform.admin.post(tenants, body, withKey('one'));
    const second = await platform.admin.post(tenants, body, withKey('one'));
    expect(first.status).toBe(201);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  });

  it('is refused for another request', async () => {
    await platform.admin.post(tenants, { tenantId: 'idem-two', name: 'Two' }, withKey('two'));
    for (const [path, body] of [
      [tenants, { tenantId: 'idem-other', name: 'Two' }],
      ['/api/v1/publishers', { name: 'Two two' }],
    ] as const)
      expect(await platform.admin.post(path, body, withKey('two'))).toMatchObject({
        status: 422,
        body: { error: { code: 'IDEMPOTENCY_KEY_REUSED' } },
      });
    expect(await platform.admin.get(`${tenants}/idem-other`)).toMatchObject({ status: 404 });
  });

  it('is free again after a request that failed', async () => {
    expect(await platform.admin.post(tenants, { tenantId: 'X' }, withKey('three'))).toMatchObject({
      status: 400,
    });
    expect(
      await platform.admin.post(tenants, { tenantId: 'idem-three', name: 'Three' }, withKey('three')),
    ).toMatchObject({ status: 201 });
  });

  it('brings no secret a second time', async () => {
    const robots = `${tenants}/idem-tenant/robots`;
    expect(await platform.admin.post(robots, { name: 'keyed' }, withKey('four'))).toMatchObject({
      status: 201,
    });
    const again = await platform.admin.post(robots, { name: 'keyed' }, withKey('four'));
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
    expect(again.text).not.toContain('swyrobot_');
    expect(await platform.admin.get(robots)).toMatchObject({ body: { total: 1 } });
  });

  it("is each caller's own", async () => {
    const password = 'a password for the tests';
    await platform.admin.post('/api/v1/users', { username: 'idem-admin', password, role: 'PlatformAdmin' });
    const other = await platform.signIn('idem-admin', password);
    expect(
      await platform.admin.post(tenants, { tenantId: 'idem-mine', name: 'Mine' }, withKey('five')),
    ).toMatchObject({ status: 201 });
    const theirs = await other.post(tenants, { tenantId: 'idem-theirs', name: 'Theirs' }, withKey('five'));
    expect(theirs).toMatchObject({ status: 201, body: { tenantId: 'idem-theirs' } });
    expect(theirs.headers.get('idempotency-replayed')).toBeNull();
  });

  it('lets 20 identical requests at once, at two processes, have one effect', async () => {
    const replica = await startReplica(platform);
    try {
      const person = { username: 'idem-person', password: 'a password for the tests', role: 'Viewer' };
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? platform : replica).admin
            .with(String(platform.admin.token))
            .post(`${tenants}/idem-tenant/users`, person, withKey('six')),
        ),
      );
      const fresh = answers.filter(
        ({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'),
      );
      const rest = answers.filter((answer) => !fresh.includes(answer));
      expect(fresh).toHaveLength(1);
      for (const { status, text } of rest) {
        expect([201, 409]).toContain(status);
        if (status === 201) expect(text).toBe(fresh[0]?.text);
      }
      const { body } = await platform.admin.get(`${tenants}/idem-tenant/audit?action=user.created`);
      expect(body).toMatchObject({ total: 1 });
    } finally {
      await replica.stop();
    }
  });

  it.each(['', 'with space', 'ü', 'x'.repeat(256)])('is refused when it is not usable: "%s"', async (key) => {
    const answer = await platform.admin.post(tenants, { tenantId: 'idem-bad', name: 'Bad' }, withKey(key));
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { details: [{ field: 'Idempotency-Key' }] } },
    });
  });
});

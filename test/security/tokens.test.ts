import { generateSigningKey, hostileTokens, newOpaqueSecret, parseOpaqueToken } from '@switchyard/auth';
import type { Client } from '../support/client.js';
import { inTurns } from '../support/in-turns.js';
import { claimsOf, stolenSigningKey } from '../support/keys.js';
import { acceptedEverywhere, login, me, refusedWithinASecond, type Session } from '../support/sessions.js';
import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';

const password = 'a password for the tests';
const refresh = '/api/v1/authentication/refresh';

describe('tokens of people', () => {
  let platform: RunningPlatform;
  let replica: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
    replica = await startReplica(platform);
    await platform.admin.post('/api/v1/tenants', { tenantId: 'token-tenant', name: 'Tokens' });
  });
  afterAll(async () => {
    await replica.stop();
    await platform.stop();
  });

  const at = (session: Session): [Client, Client] => [
    platform.anonymous.with(session.token),
    replica.anonymous.with(session.token),
  ];

  async function person(username: string, role = 'Viewer') {
    const { body } = await platform.admin.post('/api/v1/users', {
      username,
      password,
      role,
      tenantId: 'token-tenant',
    });
    const { userId } = body as { userId: string };
    const session = await login(platform.anonymous, username, password);
    await acceptedEverywhere(...at(session));
    return { userId, session };
  }

  it('accepts none of hundreds of forged, broken and confused ones, even by the right key', async () => {
    const { token } = (await person('imitated')).session;
    const now = Date.now();
    const key = await stolenSigningKey(platform);
    // Six seconds ahead is refused, and while this runs becomes the five that a clock may differ by.
    const ripens = new RegExp(`^claims: (nbf|iat) is ${Math.floor(now / 1000) + 6}$`);
    const forged = hostileTokens({
      key,
      otherKey: generateSigningKey(Date.now()),
      claims: claimsOf(token),
      issuer: 'switchyard',
      audience: 'switchyard-api',
      now,
    }).filter(({ name, overHttp }) => overHttp && !ripens.test(name));
    expect(forged.length).toBeGreaterThan(300);
    const answers = new Map<string, number>();
    await inTurns(forged, 16, async (each) => {
      answers.set(each.name, (await platform.anonymous.with(each.token).get(me)).status);
    });
    expect([...answers].filter(([, status]) => status !== 401)).toEqual([]);
    expect(answers.size).toBe(forged.length);
    expect(await platform.anonymous.with(token).get(me)).toMatchObject({ status: 200 });
  });

  it('lists the key that signs, and never its private half', async () => {
    const { body } = await platform.anonymous.get('/.well-known/jwks.json');
    const { keys } = body as { keys: Record<string, unknown>[] };
    const { kid, publicJwk } = await stolenSigningKey(platform);
    expect(keys.find((key) => key['kid'] === kid)).toMatchObject({
      x: publicJwk.x,
      y: publicJwk.y,
      alg: 'ES256',
    });
    for (const key of keys) expect(Object.keys(key)).not.toContain('d');
  });

  it.each(['Basic', 'Token', 'bearerx', ''])('takes a token only as Bearer, not as "%s"', async (scheme) => {
    const { token } = await login(platform.anonymous, 'admin@example.com', 'Admin123!');
    const answer = await platform.anonymous.get(me, { authorization: `${scheme} ${token}` });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
  });

  it('ends a session at once, everywhere, when its owner signs out; another session goes on', async () => {
    const { session } = await person('leaver');
    const other = await login(platform.anonymous, 'leaver', password);
    expect(await at(session)[0].post('/api/v1/authentication/logout')).toMatchObject({ status: 204 });
    await refusedWithinASecond(...at(session));
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 401,
    });
    await acceptedEverywhere(...at(other));
  });

  it('gives a new pair for a refresh token, once', async () => {
    const { session } = await person('refresher');
    const { status, body } = await replica.anonymous.post(refresh, { refreshToken: session.refreshToken });
    expect(status).toBe(200);
    const next = body as Session;
    expect(next.refreshToken).not.toBe(session.refreshToken);
    await acceptedEverywhere(...at(next));
  });

  it('ends the session for both when a refresh token is used twice: one of the two has stolen it', async () => {
    const { session } = await person('robbed');
    const { body } = await platform.anonymous.post(refresh, { refreshToken: session.refreshToken });
    const next = body as Session;
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 401,
    });
    expect(await platform.anonymous.post(refresh, { refreshToken: next.refreshToken })).toMatchObject({
      status: 401,
    });
    await refusedWithinASecond(...at(session), ...at(next));
  });

  it('ends no session for somebody who only knows its id', async () => {
    const { session } = await person('known-by-id');
    const made = newOpaqueSecret('refresh', parseOpaqueToken(session.refreshToken)?.id);
    expect(await platform.anonymous.post(refresh, { refreshToken: made.token })).toMatchObject({
      status: 401,
    });
    await acceptedEverywhere(...at(session));
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 200,
    });
  });

  it('lets only one of many who use the same refresh token at once through', async () => {
    const { session } = await person('raced');
    const uses = Array.from({ length: 10 }, (_, i) =>
      (i % 2 ? platform : replica).anonymous.post(refresh, { refreshToken: session.refreshToken }),
    );
    const statuses = (await Promise.all(uses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
  });

  it.each(['swyrefresh_x', 'not a token', `swyrobot_${'0'.repeat(22)}_${'0'.repeat(49)}`])(
    'refuses what never was a refresh token: %s',
    async (refreshToken) => {
      expect(await platform.anonymous.post(refresh, { refreshToken })).toMatchObject({ status: 401 });
    },
  );

  it('does not take a refresh token for an access token', async () => {
    const { session } = await person('mixed-up');
    expect(await platform.anonymous.with(session.refreshToken).get(me)).toMatchObject({ status: 401 });
  });

  it('refuses everything of a disabled user at once, and lets them in again once enabled', async () => {
    const { userId, session } = await person('disabled');
    expect(await platform.admin.post(`/api/v1/users/${userId}/disable`)).toMatchObject({ status: 200 });
    await refusedWithinASecond(...at(session));
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 401,
    });
    const wrong = await platform.anonymous.post('/api/v1/authentication/login', {
      username: 'disabled',
      password,
    });
    expect(wrong.status).toBe(401);
    await platform.admin.post(`/api/v1/users/${userId}/enable`);
    const again = await login(replica.anonymous, 'disabled', password);
    await acceptedEverywhere(...at(again));
    await refusedWithinASecond(...at(session));
  });

  it('refuses the tokens of a role that somebody no longer has; the refresh token brings the new role', async () => {
    const { userId, session } = await person('promoted');
    await platform.admin.patch(`/api/v1/users/${userId}`, { role: 'TenantAdmin' });
    await refusedWithinASecond(...at(session));
    const { body } = await platform.anonymous.post(refresh, { refreshToken: session.refreshToken });
    const { token } = body as Session;
    expect(await platform.anonymous.with(token).get(me)).toMatchObject({
      status: 200,
      body: { role: 'TenantAdmin' },
    });
  });

  it('lets somebody in right after many changes within a second, and refuses that token once they are disabled', async () => {
    const { userId, session } = await person('restless');
    for (const role of ['TenantUser', 'Viewer', 'TenantUser', 'Viewer', 'TenantUser', 'Viewer'])
      await platform.admin.patch(`/api/v1/users/${userId}`, { role });
    const { status, body } = await platform.anonymous.post(refresh, { refreshToken: session.refreshToken });
    expect(status).toBe(200);
    expect(claimsOf((body as Session).token)['iat']).toBeLessThanOrEqual(Date.now() / 1000);
    await acceptedEverywhere(...at(body as Session));
    await refusedWithinASecond(...at(session));
    await platform.admin.post(`/api/v1/users/${userId}/disable`);
    await refusedWithinASecond(...at(body as Session));
  });

  it('ends the sessions of somebody whose password the tenant sets', async () => {
    const { userId, session } = await person('rescued-by-tenant');
    const path = `/api/v1/tenants/token-tenant/users/${userId}`;
    await platform.admin.patch(path, { password: 'set by the administrator' });
    await refusedWithinASecond(...at(session));
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 401,
    });
  });

  it('changes a password once for two who do it at the same time', async () => {
    const { session } = await person('twice-careful');
    const answers = await Promise.all(
      ['another password altogether', 'yet another password indeed'].map((newPassword) =>
        at(session)[0].put('/api/v1/authentication/password', { currentPassword: password, newPassword }),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  it('ends the other sessions, not the own, when somebody changes their password', async () => {
    const { session } = await person('careful');
    const other = await login(platform.anonymous, 'careful', password);
    await acceptedEverywhere(...at(other));
    const change = { currentPassword: password, newPassword: 'another password altogether' };
    expect(await at(session)[0].put('/api/v1/authentication/password', change)).toMatchObject({
      status: 204,
    });
    await refusedWithinASecond(...at(other));
    await acceptedEverywhere(...at(session));
    const old = await platform.anonymous.post('/api/v1/authentication/login', {
      username: 'careful',
      password,
    });
    expect(old.status).toBe(401);
    await acceptedEverywhere(...at(await login(platform.anonymous, 'careful', change.newPassword)));
  });

  it('ends every session when an administrator sets the password', async () => {
    const { userId, session } = await person('rescued');
    await platform.admin.patch(`/api/v1/users/${userId}`, { password: 'set by the administrator' });
    await refusedWithinASecond(...at(session));
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 401,
    });
  });

  it('refuses everything of a deleted user at once', async () => {
    const { userId, session } = await person('deleted');
    expect(await platform.admin.delete(`/api/v1/users/${userId}`)).toMatchObject({ status: 204 });
    await refusedWithinASecond(...at(session));
    expect(await platform.anonymous.post(refresh, { refreshToken: session.refreshToken })).toMatchObject({
      status: 401,
    });
  });
});

import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const signIn = '/api/v1/authentication/login';
const password = 'a password for the tests';

describe('guessing passwords', () => {
  let platform: RunningPlatform;
  // Each test comes from an address of its own, as a proxy that is trusted tells it.
  beforeAll(async () => {
    platform = await startPlatform({ TRUSTED_PROXIES: '127.0.0.1' });
    await platform.admin.post('/api/v1/users', { username: 'guessed', password, role: 'PlatformAdmin' });
  });
  afterAll(() => platform.stop());

  const guess = (username: string, address: string, tried = 'wrong') =>
    platform.anonymous.post(signIn, { username, password: tried }, { 'x-forwarded-for': address });

  it('is slowed by account after five, from wherever it comes, even with the right password', async () => {
    await platform.admin.post('/api/v1/users', { username: 'by-account', password, role: 'PlatformAdmin' });
    for (let i = 0; i < 5; i += 1)
      expect(await guess('by-account', `192.0.2.${i}`)).toMatchObject({ status: 401 });
    const refused = await guess('by-account', '192.0.2.9', password);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'RATE_LIMIT_EXCEEDED' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('is slowed by address after twenty, whichever accounts are tried; others are not', async () => {
    for (let i = 0; i < 20; i += 1)
      expect(await guess(`nobody-${i}`, '198.51.100.1')).toMatchObject({ status: 401 });
    const refused = await guess('guessed', '198.51.100.1', password);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await guess('guessed', '198.51.100.2', password)).toMatchObject({ status: 200 });
  });

  it('gains nothing from 50 guesses at once: five are looked at, and one more for each time that was waited out', async () => {
    await platform.admin.post('/api/v1/users', { username: 'at-once', password, role: 'PlatformAdmin' });
    const begun = performance.now();
    const guesses = Array.from({ length: 50 }, (_, i) => guess('at-once', `203.0.113.${i}`));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    // The first time is a second: a machine that takes longer for fifty has let it pass.
    const waitedOut = Math.floor((performance.now() - begun) / 1000);
    const lookedAt = statuses.filter((status) => status === 401).length;
    expect(lookedAt).toBeGreaterThanOrEqual(5);
    expect(lookedAt).toBeLessThanOrEqual(5 + waitedOut);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50 - lookedAt);
  });

  it('learns neither from the words nor from the time whether an account exists', async () => {
    await platform.admin.post('/api/v1/users', { username: 'is-there', password, role: 'PlatformAdmin' });
    const times = new Map<string, number[]>();
    const words = new Set<string>();
    // In turns, so that what slows the machine down slows both.
    for (let round = 0; round < 4; round += 1) {
      for (const username of ['is-there', 'is-not-there']) {
        const begun = performance.now();
        const { status, body } = await guess(username, '203.0.113.200');
        times.set(username, [...(times.get(username) ?? []), performance.now() - begun]);
        const { error } = body as { error: { code: string; message: string } };
        words.add(`${status} ${error.code} ${error.message}`);
      }
    }
    expect([...words]).toEqual(['401 UNAUTHORIZED The username or the password is wrong']);
    const fastest = (username: string) => Math.min(...(times.get(username) ?? []));
    const ratio = fastest('is-there') / fastest('is-not-there');
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  });

  it('is slowed all the same for somebody who holds a token, and written down', async () => {
    await platform.admin.post('/api/v1/users', { username: 'token-stolen', password, role: 'PlatformAdmin' });
    const thief = await platform.signIn('token-stolen', password);
    const change = (currentPassword: string) =>
      thief.put('/api/v1/authentication/password', {
        currentPassword,
        newPassword: 'the password of a thief',
      });
    for (let i = 0; i < 5; i += 1) expect(await change(`guess ${i}`)).toMatchObject({ status: 400 });
    expect(await change(password)).toMatchObject({ status: 429 });
    expect(await platform.admin.get('/api/v1/audit?action=user.password-changed&limit=100')).toMatchObject({
      body: { total: 5, entries: expect.arrayContaining([expect.objectContaining({ outcome: 'Refused' })]) },
    });
  });

  it('is slowed by the /64 that an IPv6 address lies in', async () => {
    for (let i = 0; i < 20; i += 1)
      expect(await guess(`nobody-six-${i}`, `2001:db8:0:6::${i}`)).toMatchObject({ status: 401 });
    expect(await guess('guessed', '2001:db8:0:6:ffff::1', password)).toMatchObject({ status: 429 });
    expect(await guess('guessed', '2001:db8:0:7::1', password)).toMatchObject({ status: 200 });
  });

  it('is forgiven for the account when its owner gets in', async () => {
    await platform.admin.post('/api/v1/users', { username: 'forgetful', password, role: 'PlatformAdmin' });
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 4; i += 1)
        expect(await guess('forgetful', '192.0.2.77')).toMatchObject({ status: 401 });
      expect(await guess('forgetful', '192.0.2.78', password)).toMatchObject({ status: 200 });
    }
  });
});

import { acceptedEverywhere, login, type Session } from '../support/sessions.js';
import { demoAdmin, startPlatform, type RunningPlatform } from '../support/start-platform.js';

describe('what is written down', () => {
  let platform: RunningPlatform;
  beforeAll(async () => (platform = await startPlatform({ LOG_LEVEL: 'trace' })));
  afterAll(() => platform.stop());

  it('holds no password, token or secret of the run, neither in the log at its most talkative nor in the database', async () => {
    const passwords = [
      'first-password-3141',
      'second-password-2718',
      'guessed-password-1618',
      'admin-set-password-1414',
    ];
    const [first = '', second = '', guessed = '', set = ''] = passwords;
    await platform.admin.post('/api/v1/tenants', { tenantId: 'silent-tenant', name: 'Silent' });
    const person = { username: 'silent', password: first, role: 'TenantAdmin', tenantId: 'silent-tenant' };
    const { body: user } = await platform.admin.post('/api/v1/users', person);
    const session = await login(platform.anonymous, 'silent', first);
    await platform.anonymous.post('/api/v1/authentication/login', { username: 'silent', password: guessed });
    await platform.anonymous.post('/api/v1/authentication/login', {
      username: 'silent',
      password: [guessed],
    });
    await platform.anonymous.post('/api/v1/authentication/login', `{"password":"${guessed}", nonsense`);
    const caller = platform.anonymous.with(session.token);
    await caller.put('/api/v1/authentication/password', { currentPassword: first, newPassword: second });
    const { body: refreshed } = await platform.anonymous.post('/api/v1/authentication/refresh', {
      refreshToken: session.refreshToken,
    });
    const { body: robot } = await caller.post('/api/v1/tenants/silent-tenant/robots', { name: 'silent' });
    const robotToken = (robot as { token: string }).token;
    await acceptedEverywhere(platform.anonymous.with(robotToken));
    await platform.anonymous.get(`/api/v1/tenants?token=${robotToken}`);
    await platform.anonymous.with(`${robotToken}x`).get('/api/v1/authentication/me');
    await platform.admin.patch(`/api/v1/users/${(user as { userId: string }).userId}`, { password: set });

    const { token, refreshToken } = refreshed as Session;
    const secrets = [
      ...passwords,
      demoAdmin.password,
      ...[session.token, token, platform.admin.token].map((each) => String(each).split('.')[2]),
      ...[session.refreshToken, refreshToken, robotToken].map((each) => each.split('_')[2]),
      platform.database.roleSecret,
    ];
    const output = platform
      .output()
      .split('\n')
      // What greets a newcomer shows the demo account on purpose.
      .filter((line) => !/^ +(Sign in as|TOKEN=)/.test(line))
      .join('\n');
    expect(output).toContain('"level":"info"');
    for (const secret of secrets) expect(output).not.toContain(secret);

    const tables = await platform.database.look<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname IN ('tenants', 'registry', 'deployments', 'health', 'gateway', 'events', 'audit')`,
    );
    for (const { name } of tables) {
      const rows = JSON.stringify(await platform.database.look(`SELECT t::text FROM ${name} t`));
      for (const secret of secrets)
        expect({ name, found: rows.includes(String(secret)) }).toEqual({ name, found: false });
    }
  });
});

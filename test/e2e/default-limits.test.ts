import { eventually } from '@switchyard/testing';
import type { Answer, Client } from '../support/client.js';
import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';

/** None of the suites' raised limits: what somebody gets who configures nothing. */
const defaults = { RATE_LIMIT_READS: '60', RATE_LIMIT_WRITES: '10', RATE_LIMIT_SIGN_INS: '60' };
const tenants = '/api/v1/tenants';
const users = '/api/v1/users';
const me = '/api/v1/authentication/me';
const password = 'a password for the tests';

describe('the default limits', () => {
  let platform: RunningPlatform;
  let replica: RunningPlatform;
  const people: Record<string, Client> = {};
  beforeAll(async () => {
    platform = await startPlatform(defaults);
    replica = await startReplica(platform, defaults);
    const rateLimits = { maxRequestsPerMinute: 30 };
    await platform.admin.post(tenants, { tenantId: 'limited-tenant', name: 'Limited', rateLimits });
    for (const [username, tenantId] of [
      ['one', undefined],
      ['two', undefined],
      ['three', undefined],
      ['anna', 'limited-tenant'],
      ['bert', 'limited-tenant'],
    ]) {
      const name = `limit-${username ?? ''}`;
      const role = tenantId ? 'Viewer' : 'PlatformAdmin';
      const made = await platform.admin.post(users, { username: name, password, role, tenantId });
      expect(made.status).toBe(201);
      people[String(username)] = await platform.signIn(name, password);
    }
  });
  afterAll(async () => {
    await replica.stop();
    await platform.stop();
  });

  const who = (name: string): Client => people[name] ?? platform.anonymous;
  const elsewhere = (name: string): Client => replica.anonymous.with(String(who(name).token));

  /** Windows are whole minutes: begins where enough of one is left. */
  async function inOneWindow(send: () => Promise<Answer[]>): Promise<Answer[]> {
    await eventually(() => expect(60 - ((Date.now() / 1000) % 60)).toBeGreaterThan(10), 15_000);
    const answers = await send();
    const windows = new Set(answers.map(({ headers }) => Number(headers.get('x-ratelimit-reset'))));
    expect([...windows].map((end) => end % 60)).toEqual([0]);
    return answers;
  }
  const times = async (count: number, send: (i: number) => Promise<Answer>): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let i = 0; i < count; i += 1) answers.push(await send(i));
    return answers;
  };
  const allowed = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 429);

  it.each([
    ['60 reads', 60, (caller: Client) => caller.get(tenants)],
    ['10 writes', 10, (caller: Client) => caller.post(tenants, {})],
  ])('are %s a minute for each user and endpoint', async (_name, limit, send) => {
    const answers = await inOneWindow(() => times(limit + 5, () => send(who('one'))));
    expect(allowed(answers)).toHaveLength(limit);
    const remaining = answers.map(({ headers }) => Number(headers.get('x-ratelimit-remaining')));
    expect(remaining.slice(0, limit)).toEqual(Array.from({ length: limit }, (_, i) => limit - 1 - i));
    for (const { status, headers, body } of answers.slice(limit)) {
      expect({ status, body }).toMatchObject({
        status: 429,
        body: { error: { code: 'RATE_LIMIT_EXCEEDED' } },
      });
      expect(headers.get('x-ratelimit-limit')).toBe(String(limit));
      const wait = Number(headers.get('retry-after'));
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(60);
    }
    for (const { headers } of answers.slice(0, limit)) expect(headers.has('retry-after')).toBe(false);
    expect(await who('one').get(me)).toMatchObject({ status: 200 });
    expect((await send(who('two'))).status).not.toBe(429);
  });

  it('are never more than the limit at two processes at once, and all of it for one who alternates', async () => {
    const alternating = await inOneWindow(() =>
      times(70, (i) => (i % 2 ? who('three') : elsewhere('three')).get(users)),
    );
    expect(allowed(alternating)).toHaveLength(60);
    const atOnce = await inOneWindow(() =>
      Promise.all(Array.from({ length: 200 }, (_, i) => (i % 2 ? who('three') : elsewhere('three')).get(me))),
    );
    expect(allowed(atOnce)).toHaveLength(60);
  });

  it('hold a tenant to its own, over all of its users and both processes', async () => {
    const answers = await inOneWindow(() =>
      times(40, (i) => (i % 4 < 2 ? who : elsewhere)(i % 2 ? 'anna' : 'bert').get(me)),
    );
    expect(allowed(answers)).toHaveLength(30);
    expect(answers.at(-1)?.headers.get('x-ratelimit-limit')).toBe('30');
    expect(await who('two').get(me)).toMatchObject({ status: 200 });
  });

  it('count a client by the address it has, whatever it claims', async () => {
    const refresh = (i: number) =>
      platform.anonymous.post(
        '/api/v1/authentication/refresh',
        { refreshToken: 'none' },
        { 'x-forwarded-for': `192.0.2.${i}` },
      );
    const answers = await inOneWindow(() => times(65, refresh));
    expect(allowed(answers)).toHaveLength(60);
  });
});

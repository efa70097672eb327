import { eventually } from '@switchyard/testing';
import { claimsOf } from '../support/keys.js';
import { acceptedEverywhere, me } from '../support/sessions.js';
import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';

const kidOf = (token: string | undefined): string => {
  const header = Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString('utf8');
  return (JSON.parse(header) as { kid: string }).kid;
};

describe('the rotation of signing keys', () => {
  let platform: RunningPlatform;
  const replicas: RunningPlatform[] = [];
  beforeAll(async () => (platform = await startPlatform({ SIGNING_KEY_DAYS: '30' })));
  afterAll(async () => {
    for (const replica of replicas) await replica.stop();
    await platform.stop();
  });

  /** Rotation is looked after at every start, and so without waiting. */
  const start = async (): Promise<RunningPlatform> => {
    const replica = await startReplica(platform);
    replicas.push(replica);
    return replica;
  };
  const published = async (at: RunningPlatform): Promise<string[]> => {
    const { body } = await at.anonymous.get('/.well-known/jwks.json');
    return (body as { keys: { kid: string }[] }).keys.map((key) => key.kid);
  };
  const age = (column: string, interval: string) =>
    platform.database.look(`UPDATE tenants.signing_keys SET ${column} = ${column} - interval '${interval}'`);

  it('publishes the next key before it signs, refuses no token meanwhile, and takes the old one back at last', async () => {
    const old = kidOf(platform.admin.token);
    expect(await published(platform)).toEqual([old]);

    await age('activates_at', '31 days');
    const second = await start();
    await eventually(async () => expect(await published(platform)).toHaveLength(2));
    const next = String((await published(platform)).find((kid) => kid !== old));
    expect(kidOf(second.admin.token)).toBe(old);
    await acceptedEverywhere(
      platform.admin,
      second.admin,
      platform.anonymous.with(String(second.admin.token)),
    );

    await age('created_at', '2 hours');
    const third = await start();
    expect(kidOf(third.admin.token)).toBe(next);
    const tokens = [platform, second, third].map((each) => String(each.admin.token));
    for (const at of [platform, second, third])
      for (const token of tokens) await acceptedEverywhere(at.anonymous.with(token));
    expect(claimsOf(String(third.admin.token))).toMatchObject({ role: 'PlatformAdmin' });

    await age('retires_at', '2 hours');
    const fourth = await start();
    await eventually(async () => {
      for (const at of [platform, second, third, fourth]) expect(await published(at)).toEqual([next]);
    });
    expect(await fourth.anonymous.with(String(platform.admin.token)).get(me)).toMatchObject({ status: 401 });
    await acceptedEverywhere(third.admin, fourth.admin, platform.anonymous.with(String(third.admin.token)));
  });

  it('keeps no private key in the clear', async () => {
    const rows = await platform.database.look('SELECT * FROM tenants.signing_keys');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/PRIVATE KEY|"d":/);
  });
});

import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { authenticateWith } from './authenticate-with.js';
import { otherS } from './es256-signature.js';
import { robotClaims } from './hostile/claim-cases.js';
import { forge, goodHeader } from './hostile/forge.js';
import { hostileTokens } from './hostile-tokens.js';
import { identityOfUser } from './identity.js';
import { IdentityIssuer } from './identity-issuer.js';
import {
  issueRobotToken,
  issueUserToken,
  MAX_USER_TOKEN_BYTES,
  type RobotTokenSubject,
  type UserTokenSubject,
} from './issue-user-token.js';
import {
  createJwtStrategy,
  jwtStrategyOptions,
  parseUserClaims,
  type JwtStrategySettings,
} from './jwt-strategy.js';
import { generateSigningKey, keyLookup } from './signing-key.js';
import { TokenRefusedError } from './token-refused-error.js';

const NOW = Date.parse('2025-11-24T12:00:00.400Z');
const issuer = 'https://switchyard.example';
const audience = 'switchyard';
const key = generateSigningKey(NOW);
const otherKey = generateSigningKey(NOW);
const subject: UserTokenSubject = {
  sub: 'user-1',
  sid: 'session-1',
  gen: 0,
  username: 'dev@acme.example',
  role: 'PluginDeveloper',
  tenant: 'acme',
  publishers: ['acme', 'friends'],
};
const issue = (changes: Partial<UserTokenSubject> = {}, lifetimeSeconds = 900) =>
  issueUserToken(key, { ...subject, ...changes }, { now: NOW, lifetimeSeconds, issuer, audience });

let now = NOW;
const settings: JwtStrategySettings = {
  issuer,
  audience,
  keyFor: keyLookup([key.publicJwk]),
  clock: () => now,
};
const strategyWith = (changes: Partial<JwtStrategySettings> = {}) =>
  createJwtStrategy({ ...settings, ...changes });
const present = (authorization: string | string[] | undefined, changes: Partial<JwtStrategySettings> = {}) =>
  authenticateWith(strategyWith(changes), { headers: { authorization } });
const presentToken = (token: string, changes?: Partial<JwtStrategySettings>) =>
  present(`Bearer ${token}`, changes);
const refused = (reason: string) => ({ ok: false, reason });

beforeEach(() => {
  now = NOW;
});

describe('a user token', () => {
  it('gets its owner in, with every claim as it was issued', async () => {
    const { token, claims } = issue();
    expect(await presentToken(token)).toEqual({ ok: true, claims });
    expect(claims).toMatchObject({
      ...subject,
      kind: 'user',
      iss: issuer,
      aud: audience,
      exp: claims.iat + 900,
    });
  });

  it('is signed anew each time, and every one of many is accepted', async () => {
    for (let i = 0; i < 50; i += 1) expect(await presentToken(issue().token)).toMatchObject({ ok: true });
  });

  it('works for every role, and for names that are not ASCII', async () => {
    const people: Partial<UserTokenSubject>[] = [
      { role: 'PlatformAdmin', tenant: null },
      { role: 'TenantAdmin' },
      { role: 'PluginDeveloper', tenant: null },
      { role: 'TenantUser', publishers: [] },
      { role: 'Viewer', username: 'Zoë 🙂 "quoted" \u2028' },
    ];
    for (const person of people) expect(await presentToken(issue(person).token)).toMatchObject({ ok: true });
  });

  it('lives until its end and five seconds of tolerance', async () => {
    const { token, claims } = issue();
    now = (claims.exp + 5) * 1000 - 1;
    expect(await presentToken(token)).toMatchObject({ ok: true });
    now += 1;
    expect(await presentToken(token)).toEqual(refused('expired'));
  });

  it('is not accepted before its time, but for five seconds', async () => {
    const { token, claims } = issue();
    now = (claims.iat - 5) * 1000;
    expect(await presentToken(token)).toMatchObject({ ok: true });
    now -= 1;
    expect(await presentToken(token)).toEqual(refused('not-yet-valid'));
  });

  it('is refused by a clock that is out of order', async () => {
    for (const time of [NaN, Infinity, -Infinity, 0]) {
      now = time;
      expect(await presentToken(issue().token)).toMatchObject({ ok: false });
    }
  });

  it('cannot be issued larger than it would be accepted', () => {
    const publishers = Array.from({ length: 100 }, (_, i) => `publisher-with-a-rather-long-name-${i}`);
    expect(() => issue({ publishers })).toThrow(new RegExp(`at most ${MAX_USER_TOKEN_BYTES}`));
  });

  it.each([
    ['an admin of no tenant', { role: 'TenantAdmin', tenant: null }],
    ['a platform admin of one tenant', { role: 'PlatformAdmin', tenant: 'acme' }],
    ['nobody', { sub: '' }],
  ] as const)('cannot be issued for %s', (_who, changes) => expect(() => issue(changes)).toThrow());

  it('cannot be issued without end', () => expect(() => issue({}, Infinity)).toThrow());

  it('is refused when it lives longer than a revocation is remembered', async () => {
    expect(await presentToken(issue({}, 901).token, { maxLifetimeSeconds: 900 })).toEqual(refused('claims'));
  });
});

describe('a token that an outside one was exchanged for', () => {
  const robot: RobotTokenSubject = {
    sub: 'trust:rule-1',
    gen: 2,
    username: 'ci:acme/release',
    role: 'PluginDeveloper',
    tenant: null,
    publishers: ['acme'],
  };
  const issueFor = (changes: Partial<RobotTokenSubject> = {}) =>
    issueRobotToken(key, { ...robot, ...changes }, { now: NOW, lifetimeSeconds: 60, issuer, audience });

  it('gets a robot in, without a session, known by its rule and generation', async () => {
    const { token, claims } = issueFor();
    expect(await presentToken(token)).toEqual({ ok: true, claims });
    expect(identityOfUser(claims)).toMatchObject({ kind: 'robot', subject: 'trust:rule-1', generation: 2 });
    expect(identityOfUser(claims).sessionId).toBeUndefined();
  });

  it.each<[string, object]>([
    ['the platform admin', { role: 'PlatformAdmin' }],
    ['an admin of no tenant', { role: 'TenantAdmin' }],
    ['somebody with a session', { sid: 'session-1' }],
    ['a person', { sub: 'user-1' }],
    ['a robot of another kind', { sub: 'robot:1' }],
  ])('cannot be issued for %s', (_who, changes) => {
    expect(() => issueFor(changes)).toThrow();
  });

  it('cannot be had by signing in: no person has a subject like that', () => {
    expect(() => issue({ sub: 'trust:rule-1' })).toThrow();
  });
});

describe('the strategy says why it refuses', () => {
  const { token, claims } = issue();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const elsewhere = { now: NOW, lifetimeSeconds: 60, issuer, audience };

  it.each([
    ['no header', 'missing', undefined],
    ['an empty header', 'missing', ''],
    ['the scheme alone', 'missing', 'Bearer'],
    ['the scheme and a space', 'missing', 'Bearer '],
    ['another scheme', 'missing', `Basic ${token}`],
    ['the token alone', 'missing', token],
    ['a list of headers', 'missing', [`Bearer ${token}`]],
    ['the scheme in the second place', 'missing', `x, Bearer ${token}`],
    ['two tokens', 'malformed', `Bearer ${token} ${token}`],
    ['two spaces', 'malformed', `Bearer  ${token}`],
    ['no token at all', 'malformed', 'Bearer x'],
    ['too much', 'oversized', `Bearer ${'x'.repeat(MAX_USER_TOKEN_BYTES + 1)}`],
    ['another algorithm', 'algorithm', `Bearer ${forge(key, { ...goodHeader(key), alg: 'none' }, claims)}`],
    ['an unknown key', 'unknown-key', `Bearer ${issueUserToken(otherKey, subject, elsewhere).token}`],
    ['a forged signature', 'signature', `Bearer ${forge(otherKey, goodHeader(key), claims)}`],
    [
      'a changed payload',
      'signature',
      `Bearer ${header}.${issue({ role: 'Viewer' }).token.split('.')[1]}.${signature}`,
    ],
    ['a cut signature', 'signature', `Bearer ${header}.${payload}.${signature.slice(4)}`],
    [
      'another issuer',
      'issuer',
      `Bearer ${issueUserToken(key, subject, { ...elsewhere, issuer: 'x' }).token}`,
    ],
    [
      'another audience',
      'audience',
      `Bearer ${issueUserToken(key, subject, { ...elsewhere, audience: 'x' }).token}`,
    ],
    ['unfit claims', 'claims', `Bearer ${forge(key, goodHeader(key), { ...claims, role: 'root' })}`],
  ])('%s: %s', async (_what, reason, authorization) => {
    expect(await present(authorization)).toEqual(refused(reason));
  });

  it('takes the scheme in any case', async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      expect(await present(`${scheme} ${token}`)).toMatchObject({ ok: true });
    }
  });

  it('looks nowhere but in the Authorization header', async () => {
    const request = {
      headers: { cookie: token, 'x-token': token },
      body: { token },
      query: { token },
      url: `/?token=${token}`,
    };
    expect(await authenticateWith(strategyWith(), request)).toEqual(refused('missing'));
  });

  it('refuses whatever is not a public P-256 key, if the key source hands it out', async () => {
    const keys: KeyObject[] = [
      key.privateKey,
      createSecretKey(Buffer.alloc(32)),
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
      generateKeyPairSync('ed25519').publicKey,
    ];
    for (const wrong of keys)
      expect(await presentToken(token, { keyFor: () => wrong })).toMatchObject({ ok: false });
  });

  it('is not to blame when the key source breaks', async () => {
    const keyFor = () => {
      throw new Error('no keys loaded');
    };
    await expect(presentToken(token, { keyFor })).rejects.toThrow('no keys loaded');
  });

  it('does not mix up requests that it serves at once', async () => {
    const strategy = strategyWith();
    const tokens = Array.from({ length: 20 }, (_, i) => issue({ sub: `user-${i}` }).token);
    const results = await Promise.all(
      tokens.map((each) => authenticateWith(strategy, { headers: { authorization: `Bearer ${each}` } })),
    );
    expect(results.map((result) => result.ok && result.claims.sub)).toEqual(
      tokens.map((_, i) => `user-${i}`),
    );
  });
});

describe('the pieces for a Nest strategy', () => {
  it('check times even with a verify callback of somebody else', () => {
    const { token } = issue();
    now = NOW + 86_400_000;
    const errors: unknown[] = [];
    const options = jwtStrategyOptions(settings);
    if ('secretOrKeyProvider' in options)
      options.secretOrKeyProvider({}, token, (error) => errors.push(error));
    expect(errors).toEqual([new TokenRefusedError('expired')]);
  });

  it('give claims, or throw the reason', () => {
    const { claims } = issue();
    expect(parseUserClaims(claims)).toEqual(claims);
    expect(() => parseUserClaims({ ...claims, kind: 'service' })).toThrow(new TokenRefusedError('claims'));
  });
});

describe('hostile tokens', () => {
  const { token, claims } = issue();
  const cases = hostileTokens({
    key,
    otherKey,
    hmacSecretCandidates: ['secret', 'changeme', Buffer.alloc(32)],
    claims,
    issuer,
    audience,
    now: NOW,
  });

  it('are many, each with a name of its own, and none is the good token', () => {
    expect(cases.length).toBeGreaterThanOrEqual(110);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.filter((each) => each.token === token)).toEqual([]);
  });

  it('stand beside a good token, made the same way, that is accepted', async () => {
    expect(await presentToken(forge(key, goodHeader(key), claims))).toMatchObject({ ok: true });
    const robot = forge(key, goodHeader(key), robotClaims({ claims }));
    expect(await presentToken(robot)).toMatchObject({ ok: true, claims: { kind: 'robot' } });
  });

  it('are refused, every one', async () => {
    const strategy = strategyWith();
    const results = await Promise.all(
      cases.map(async (each) => {
        const result = await authenticateWith(strategy, {
          headers: { authorization: `Bearer ${each.token}` },
        });
        return { name: each.name, ok: result.ok };
      }),
    );
    expect(results.filter(({ ok }) => ok)).toEqual([]);
  });

  it('are refused for the reason that they were made for', async () => {
    const reasonOf = async (name: string) => {
      const found = cases.find((each) => each.name === name);
      const result = await presentToken(found?.token ?? '');
      return result.ok ? 'accepted' : result.reason;
    };
    expect(await reasonOf('signature: r = s = 0 (psychic signature)')).toBe('signature');
    expect(await reasonOf('signature: the second valid signature (r, n - s)')).toBe('signature');
    expect(await reasonOf('claims: role twice')).toBe('malformed');
    expect(await reasonOf('header: kid is "../../../../dev/null"')).toBe('unknown-key');
    expect(await reasonOf('text: oversized by a claim, signed')).toBe('oversized');
    expect(await reasonOf('text: trailing bits 1')).toBe('signature');
    expect(await reasonOf('text: a service identity, even by our own key')).toBe('malformed');
  });

  it('include no token that jose would sign for us in the same way', async () => {
    const foreign = await new SignJWT(claims).setProtectedHeader(goodHeader(key)).sign(key.privateKey);
    const [input, bytes] = [
      foreign.slice(0, foreign.lastIndexOf('.')),
      Buffer.from(foreign.split('.')[2]!, 'base64url'),
    ];
    const spellings = [foreign, `${input}.${otherS(bytes).toString('base64url')}`];
    const results = await Promise.all(spellings.map((spelling) => presentToken(spelling)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

it('a service identity is no user token, even when key, issuer and audience are the same by mistake', async () => {
  const identity = identityOfUser(issue().claims);
  const token = new IdentityIssuer({ signingKey: () => key, clock: () => NOW }).issue(identity, audience);
  expect(await presentToken(token, { issuer: 'switchyard-gateway' })).toMatchObject({ ok: false });
});

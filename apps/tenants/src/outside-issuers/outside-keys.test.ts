import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { FetchJson } from './fetch-json.js';
import { keyTimes, OutsideKeys } from './outside-keys.js';

const issuer = 'https://idp.example';
const seconds = 1_000;
const minutes = 60 * seconds;

async function publicKey(kid: string, alg = 'ES256'): Promise<JWK> {
  const { publicKey: key } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(key)), kid };
}

/** An issuer whose answers a test decides, and that counts how often it is asked for its keys. */
function world() {
  const state = {
    now: Date.parse('2025-11-24T12:00:00Z'),
    keys: [] as unknown,
    discovery: { issuer, jwks_uri: `${issuer}/keys` } as unknown,
    maxAgeSeconds: undefined as number | undefined,
    isDown: false,
    asked: 0,
  };
  const fetchJson: FetchJson = async (url) => {
    if (url.pathname === '/keys') state.asked += 1;
    if (state.isDown) throw new Error('it is down');
    const isDiscovery = url.href === `${issuer}/.well-known/openid-configuration`;
    return {
      json: isDiscovery ? state.discovery : { keys: state.keys },
      maxAgeSeconds: state.maxAgeSeconds,
    };
  };
  const keys = new OutsideKeys(fetchJson, () => state.now);
  const find = async (kid: string, alg = 'ES256') => await keys.find(issuer, { kid, alg });
  return { state, keys, find };
}

test('finds a key by its name, and asks once for many', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('one'), await publicKey('two')];
  expect(await find('one')).toBeDefined();
  expect(await find('two')).toBeDefined();
  expect(state.asked).toBe(1);
});

test('asks once though many wait', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('one')];
  const found = await Promise.all(Array.from({ length: 20 }, () => find('one')));
  expect(found.filter(Boolean)).toHaveLength(20);
  expect(state.asked).toBe(1);
});

test.each([
  [undefined, 5 * minutes],
  [0, 5 * minutes],
  [60, 5 * minutes],
  [1_200, 20 * minutes],
  [3_600, 60 * minutes],
  [999_999, 60 * minutes],
])('told to keep keys for %j seconds, keeps them for %j ms', async (maxAgeSeconds, kept) => {
  const { state, find } = world();
  Object.assign(state, { maxAgeSeconds, keys: [await publicKey('one')] });
  await find('one');
  state.now += kept - 1;
  await find('one');
  expect(state.asked).toBe(1);
  state.now += 1;
  await find('one');
  expect(state.asked).toBe(2);
});

test('follows a rotation as soon as a token names the new key', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('old')];
  await find('old');
  state.keys = [await publicKey('new')];
  expect(await find('new')).toBeDefined();
  expect(await find('old')).toBeUndefined();
});

test('looks for unknown keys once in 30 seconds, however many are named', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('one')];
  await find('one');
  for (let i = 0; i < 50; i += 1) expect(await find(`made-up-${i}`)).toBeUndefined();
  expect(state.asked).toBe(2);
  state.now += 30 * seconds;
  await find('made-up');
  expect(state.asked).toBe(3);
});

test('goes on with the keys it knows while the issuer is down, for an hour beyond their time', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('one')];
  await find('one');
  state.isDown = true;
  state.now += keyTimes.freshAtLeast + keyTimes.staleFor - 1;
  expect(await find('one')).toBeDefined();
  state.now += 1;
  await expect(find('one')).rejects.toThrow();
});

test('asks an issuer that is down once in 30 seconds, and takes it back when it is up', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('one')];
  await find('one');
  state.isDown = true;
  state.now += keyTimes.freshAtLeast;
  let discoveries = 0;
  Object.defineProperty(state, 'isDown', { configurable: true, get: () => ((discoveries += 1), true) });
  for (let i = 0; i < 20; i += 1) expect(await find('one')).toBeDefined();
  expect(discoveries).toBe(1);
  Object.defineProperty(state, 'isDown', { value: false });
  state.now += 30 * seconds;
  await find('one');
  expect(state.asked).toBe(2);
});

test('an unknown key does not spoil the known ones when the issuer is down', async () => {
  const { state, find } = world();
  state.keys = [await publicKey('one')];
  await find('one');
  state.isDown = true;
  expect(await find('made-up')).toBeUndefined();
  expect(await find('one')).toBeDefined();
});

test.each<[string, unknown, string]>([
  ['another issuer', { issuer: 'https://evil.example', jwks_uri: `${issuer}/keys` }, 'evil.example'],
  ['the issuer with a slash', { issuer: `${issuer}/`, jwks_uri: `${issuer}/keys` }, 'idp.example/'],
  ['no issuer', { jwks_uri: `${issuer}/keys` }, 'no discovery document'],
  ['no keys', { issuer }, 'no discovery document'],
  ['keys nowhere', { issuer, jwks_uri: 'nowhere' }, 'no discovery document'],
  ['a list', [], 'no discovery document'],
])('does not take a discovery document of %s', async (_what, discovery, reason) => {
  const { state, keys } = world();
  Object.assign(state, { discovery, keys: [await publicKey('one')] });
  await expect(keys.discover(issuer)).rejects.toThrow(reason);
});

test.each([
  ['no list', 'x'],
  ['null', null],
  ['too many keys', Array(101).fill({ kty: 'EC' })],
])('does not take %s for keys', async (_what, given) => {
  const { state, keys } = world();
  state.keys = given;
  await expect(keys.discover(issuer)).rejects.toThrow('no key set');
});

test('hands out no key that is private, shared, unnamed, named twice, for another use or of another kind', async () => {
  const { state, find } = world();
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const good = await publicKey('good');
  state.keys = [
    good,
    { ...(await exportJWK(privateKey)), kid: 'private' },
    { kty: 'oct', k: 'AAAA', kid: 'shared' },
    { ...(await publicKey('x')), kid: undefined },
    await publicKey('twice'),
    await publicKey('twice'),
    { ...(await publicKey('encrypting')), use: 'enc' },
    { ...(await publicKey('es384')), alg: 'ES384' },
    { ...(await publicKey('broken')), x: 'AAAA' },
    await publicKey('rsa', 'RS256'),
  ];
  expect(await find('good')).toBeDefined();
  for (const kid of ['private', 'shared', 'undefined', 'twice', 'encrypting', 'es384', 'broken', 'rsa'])
    expect({ kid, key: await find(kid) }).toEqual({ kid, key: undefined });
  expect(await find('shared', 'HS256')).toBeUndefined();
  expect(await find('rsa', 'RS256')).toBeDefined();
});

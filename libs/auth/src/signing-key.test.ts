import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { exportSigningKey, generateSigningKey, importSigningKey, keyLookup } from './signing-key.js';

const key = generateSigningKey(1000);

describe('a signing key', () => {
  it('is named by its RFC 7638 thumbprint, as jose computes it', async () => {
    expect(key.kid).toBe(await calculateJwkThumbprint(key.publicJwk));
    expect(key.publicJwk).toMatchObject({ kid: key.kid, alg: 'ES256', use: 'sig', kty: 'EC', crv: 'P-256' });
  });

  it('publishes nothing private, and prints nothing private', () => {
    const { d } = key.privateKey.export({ format: 'jwk' });
    expect(Object.keys(key.publicJwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)).not.toContain(d);
  });

  it('survives export and import', () => {
    const pem = exportSigningKey(key);
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const again = importSigningKey(pem, 1000);
    expect({ ...again, privateKey: exportSigningKey(again), publicKey: 0 }).toEqual({
      ...key,
      privateKey: pem,
      publicKey: 0,
    });
  });

  it.each([
    ['nonsense', 'nonsense'],
    ['a public key', key.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['an RSA key', pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    ['another curve', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)],
  ])('is not imported from %s', (_what, pem) =>
    expect(() => importSigningKey(pem, 0)).toThrow(/signing key/),
  );
});

describe('keyLookup', () => {
  it('finds published keys by their kid and nothing by other names', () => {
    const find = keyLookup([key.publicJwk]);
    expect(find(key.kid)?.equals(key.publicKey)).toBe(true);
    expect([find('__proto__'), find('constructor'), find('')]).toEqual([undefined, undefined, undefined]);
  });

  it('refuses a key under the name of another', () => {
    const other = generateSigningKey(0).publicJwk;
    expect(() => keyLookup([{ ...other, kid: key.kid }])).toThrow(/thumbprint/);
  });

  it('refuses a point that is not on the curve', () => {
    expect(() => keyLookup([{ ...key.publicJwk, x: 'A'.repeat(43) }])).toThrow();
  });
});

function pemOf(privateKey: ReturnType<typeof generateKeyPairSync>['privateKey']): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

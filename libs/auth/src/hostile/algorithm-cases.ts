import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { SigningKey } from '../signing-key.js';
import {
  encode,
  goodHeader,
  show,
  signInput,
  signWith,
  type Cases,
  type HostileTokenInput,
} from './forge.js';

const NONE_SPELLINGS = [
  'none',
  'None',
  'NONE',
  'nOnE',
  'none ',
  ' none',
  'none\u0000',
  'ｎｏｎｅ',
  '',
  'null',
];
const ES256_SPELLINGS = [
  'es256',
  'Es256',
  'ES256 ',
  'ES256\u0000',
  'ES256K',
  'ES512',
  'EdDSA',
  'ECDSA',
  'SHA256',
];

export function algorithmCases({ key, claims }: HostileTokenInput): Cases {
  const cases: Record<string, string> = {};
  const input = (alg: unknown): string => `${encode({ ...goodHeader(key), alg })}.${encode(claims)}`;
  const goodSignature = signInput(input('ES256'), key.privateKey).split('.')[2] ?? '';
  for (const alg of NONE_SPELLINGS) {
    cases[`${JSON.stringify(alg)} without a signature`] = `${input(alg)}.`;
    cases[`${JSON.stringify(alg)} with the signature of another token`] = `${input(alg)}.${goodSignature}`;
  }
  for (const alg of ES256_SPELLINGS)
    cases[`${JSON.stringify(alg)}, signed`] = signInput(input(alg), key.privateKey);
  for (const alg of [null, 1, true, ['ES256'], ['none', 'ES256'], { name: 'ES256' }, undefined]) {
    cases[`alg is ${show(alg)}`] = signInput(input(alg), key.privateKey);
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const k256 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  return {
    ...cases,
    'RS256 by an RSA key': signWith('sha256', rsa, input('RS256')),
    'RS512 by an RSA key': signWith('sha512', rsa, input('RS512')),
    'PS256 by an RSA key': signWith('sha256', rsa, input('PS256')),
    'ES256 claimed for an RSA signature': signWith('sha256', rsa, input('ES256')),
    'ES384 by a P-384 key': signWith('sha384', p384, input('ES384')),
    'ES384 by our own key': signWith('sha384', key.privateKey, input('ES384')),
    'ES256 claimed for a SHA-512 signature': signWith('sha512', key.privateKey, input('ES256')),
    'ES256 claimed for a P-384 signature': signWith('sha256', p384, input('ES256')),
    'ES256 claimed for a secp256k1 signature': signWith('sha256', k256, input('ES256')),
    'ES256 claimed for an Ed25519 signature': signWith(null, ed25519, input('ES256')),
  };
}

/** The classic confusion: the public key, which everybody has, used as an HMAC secret. */
export function confusionCases({ key, claims, hmacSecretCandidates = [] }: HostileTokenInput): Cases {
  const cases: Record<string, string> = {};
  const secrets = {
    ...publicKeySpellings(key),
    ...Object.fromEntries(hmacSecretCandidates.map((s, i) => [`given ${i}`, s])),
  };
  for (const [spelling, secret] of Object.entries(secrets)) {
    for (const bits of [256, 384, 512]) {
      const header = { ...goodHeader(key), alg: `HS${bits}` };
      cases[`HS${bits} with ${spelling} as secret`] = hmac(
        bits,
        secret,
        `${encode(header)}.${encode(claims)}`,
      );
    }
    cases[`HS256 with ${spelling} as secret, called ES256`] = hmac(
      256,
      secret,
      `${encode(goodHeader(key))}.${encode(claims)}`,
    );
  }
  return cases;
}

function publicKeySpellings({ publicKey, publicJwk, kid }: SigningKey): Record<string, string | Buffer> {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const point = Buffer.from(publicJwk.x + publicJwk.y, 'base64url');
  return {
    PEM: pem,
    'PEM without its last line break': pem.trim(),
    'PEM with CRLF': pem.replaceAll('\n', '\r\n'),
    DER: publicKey.export({ type: 'spki', format: 'der' }),
    'the JWK': JSON.stringify(publicJwk),
    'the uncompressed point': Buffer.concat([Buffer.of(4), point]),
    'the kid': kid,
    nothing: '',
  };
}

function hmac(bits: number, secret: string | Buffer, input: string): string {
  return `${input}.${createHmac(`sha${bits}`, secret).update(input).digest('base64url')}`;
}

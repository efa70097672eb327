import { sign, type KeyObject } from 'node:crypto';
import { signEs256 } from '../es256-signature.js';
import type { SigningKey } from '../signing-key.js';

/** One token that must be refused, and what is wrong with it. */
export interface HostileToken {
  readonly name: string;
  readonly token: string;
  /** `false` when HTTP cannot carry it as it is: trimmed, not allowed in a header, or larger than all headers may be. */
  readonly overHttp: boolean;
}

export interface HostileTokenInput {
  /** Known to the verifier. */
  readonly key: SigningKey;
  /** Not known to the verifier. */
  readonly otherKey: SigningKey;
  /** More that an attacker may try as an HMAC secret, besides the public key in its many spellings. */
  readonly hmacSecretCandidates?: readonly (string | Buffer)[];
  /** Claims that are good on their own: signed unchanged with `key` they must be accepted. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A map from name to token reads better than a list of pairs where cases are written down. */
export type Cases = Readonly<Record<string, string>>;

export const encode = (value: unknown): string => encodeText(JSON.stringify(value));
export const encodeText = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

export const goodHeader = (key: SigningKey) => ({ alg: 'ES256', kid: key.kid, typ: 'at+jwt' });

/** Any signing input with a correct signature: what a hostile insider, or a bug of ours, could bring about. */
export function signInput(input: string, privateKey: KeyObject): string {
  return `${input}.${signEs256(input, privateKey).toString('base64url')}`;
}

export function forge(key: SigningKey, header: unknown, payload: unknown): string {
  return signInput(`${encode(header)}.${encode(payload)}`, key.privateKey);
}

export function forgeText(key: SigningKey, header: string, payload: string): string {
  return signInput(`${encodeText(header)}.${encodeText(payload)}`, key.privateKey);
}

export function signWith(hash: string | null, privateKey: KeyObject, input: string): string {
  const signature = sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

export const show = (value: unknown): string =>
  value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);

export const named = (group: string, cases: Cases): HostileToken[] =>
  Object.entries(cases).map(([name, token]) => ({
    name: `${group}: ${name}`,
    token,
    overHttp: token.length <= 8192 && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(token),
  }));

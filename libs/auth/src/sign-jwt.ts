import { signEs256 } from './es256-signature.js';
import type { SigningKey } from './signing-key.js';

/** `undefined` members vanish here, so that what is signed is what `parseCompactJwt` calls canonical. */
export function signJwt(key: SigningKey, typ: string, payload: Readonly<Record<string, unknown>>): string {
  const header = { alg: key.alg, kid: key.kid, typ };
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signEs256(input, key.privateKey).toString('base64url')}`;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

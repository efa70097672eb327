import { ES256_SIGNATURE_BYTES, isLowS } from './es256-signature.js';
import { TokenRefusedError, type TokenRefusal } from './token-refused-error.js';

export interface CompactJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signingInput: string;
  readonly signature: Buffer;
}

const HEADER_MEMBERS = 'alg,kid,typ';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Accepts only the one spelling that our own signer gives a token. General parsers forgive padding, foreign base64
 * characters, stray trailing bits, white space and doubled JSON members; two parsers that forgive differently are how
 * a token comes to mean one thing to the check and another to its user.
 */
export function parseCompactJwt(token: string, maxBytes: number): CompactJwt {
  if (token.length > maxBytes) throw new TokenRefusedError('oversized');
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (more.length > 0) throw new TokenRefusedError('malformed');
  const parsedHeader = decodeObject(header);
  assertHeader(parsedHeader);
  return {
    header: parsedHeader,
    payload: decodeObject(payload),
    signingInput: `${header}.${payload}`,
    signature: decodeSignature(signature),
  };
}

/** An exact list, so that `jwk`, `jku`, `x5c`, `crit`, `b64` and whatever comes next are out without being named. */
function assertHeader(header: Readonly<Record<string, unknown>>): void {
  refuseUnless(header['alg'] === 'ES256', 'algorithm');
  refuseUnless(typeof header['kid'] === 'string', 'unknown-key');
  refuseUnless(Object.keys(header).sort().join() === HEADER_MEMBERS, 'malformed');
}

function decodeObject(part: string): Readonly<Record<string, unknown>> {
  const bytes = decodeCanonical(part, 'malformed');
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new TokenRefusedError('malformed');
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  refuseUnless(isObject && JSON.stringify(value) === text, 'malformed');
  return value as Readonly<Record<string, unknown>>;
}

function decodeSignature(part: string): Buffer {
  const signature = decodeCanonical(part, 'signature');
  refuseUnless(signature.length === ES256_SIGNATURE_BYTES && isLowS(signature), 'signature');
  return signature;
}

function decodeCanonical(part: string, reason: TokenRefusal): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  refuseUnless(bytes.length > 0 && bytes.toString('base64url') === part, reason);
  return bytes;
}

function refuseUnless(condition: boolean, reason: TokenRefusal): void {
  if (!condition) throw new TokenRefusedError(reason);
}

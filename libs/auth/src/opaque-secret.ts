import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const OPAQUE_KINDS = ['robot', 'refresh'] as const;
export type OpaqueKind = (typeof OPAQUE_KINDS)[number];

export interface OpaqueToken {
  readonly kind: OpaqueKind;
  /** Finds the stored row; not secret. */
  readonly id: string;
  readonly secret: string;
}

export interface NewOpaqueSecret extends OpaqueToken {
  /** Shown once: `swyrobot_<id>_<secret><checksum>` */
  readonly token: string;
  /** All that is stored of the secret. */
  readonly hash: string;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 22;
/** 43 characters of base62 carry 256 bits. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const PATTERN = new RegExp(
  `^swy(${OPAQUE_KINDS.join('|')})_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** With the id of an earlier one, the new secret takes that one's place. */
export function newOpaqueSecret(kind: OpaqueKind, id = randomBase62(ID_LENGTH)): NewOpaqueSecret {
  const secret = randomBase62(SECRET_LENGTH);
  const body = `swy${kind}_${id}_${secret}`;
  return { kind, id, secret, token: body + checksum(body), hash: hashOpaqueSecret(secret) };
}

/** The checksum lets scanners recognise a leaked token, and spares the database a query for a mistyped one. */
export function parseOpaqueToken(token: string): OpaqueToken | undefined {
  const match = typeof token === 'string' ? PATTERN.exec(token) : null;
  if (match === null || checksum(token.slice(0, -CHECKSUM_LENGTH)) !== match[4]) return undefined;
  const [, kind, id = '', secret = ''] = match;
  return { kind: kind as OpaqueKind, id, secret };
}

/** A plain hash is enough: nobody can guess 256 random bits, however fast the guessing. */
export function hashOpaqueSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function opaqueSecretMatches(secret: string, storedHash: string): boolean {
  const expected = Buffer.from(storedHash, 'utf8');
  const actual = Buffer.from(hashOpaqueSecret(secret), 'utf8');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

const randomBase62 = (length: number): string =>
  Array.from({ length }, () => BASE62[randomInt(BASE62.length)]).join('');

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

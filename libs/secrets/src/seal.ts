import { randomBytes, type KeyObject } from 'node:crypto';
import { decrypt, encrypt } from './aes-gcm.js';
import type { Keyring } from './keyring.js';
import { SealError } from './seal-error.js';
import { DATA_KEY_BYTES, formatSealed, parseSealed, SEAL_VERSION, type SealedParts } from './sealed-text.js';

// Two contexts, so that a wrapped key can never be taken for a value. A key id has no dot: no ambiguity.
const wrapContext = (keyId: string, aad: string): string => `${SEAL_VERSION}.key.${keyId}.${aad}`;
const dataContext = (aad: string): string => `${SEAL_VERSION}.data.${aad}`;

/** `aad` names the place the value belongs to (tenant, table, row, column): it opens nowhere else. */
export function seal(keyring: Keyring, plaintext: string | Buffer, aad: string): string {
  const dataKey = randomBytes(DATA_KEY_BYTES);
  const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
  const box = encrypt(dataKey, bytes, dataContext(aad));
  return wrapAndFormat(keyring, dataKey, box, aad);
}

export function open(keyring: Keyring, sealed: string, aad: string): Buffer {
  const parts = parseSealed(sealed);
  const dataKey = unwrap(keyring, parts, aad);
  try {
    return decrypt(dataKey, parts.box, dataContext(aad));
  } finally {
    dataKey.fill(0);
  }
}

/** Rewraps the data key with the current master key; the value itself is neither decrypted nor copied anew. */
export function reseal(keyring: Keyring, sealed: string, aad: string): string {
  const parts = parseSealed(sealed);
  return wrapAndFormat(keyring, unwrap(keyring, parts, aad), parts.box, aad);
}

/** Which master key a value needs: what a rotation looks for before it drops an old key. */
export function sealedWith(sealed: string): string {
  return parseSealed(sealed).keyId;
}

function wrapAndFormat(keyring: Keyring, dataKey: Buffer, box: Buffer, aad: string): string {
  const keyId = keyring.current;
  const wrappedKey = encrypt(masterKey(keyring, keyId), dataKey, wrapContext(keyId, aad));
  dataKey.fill(0);
  return formatSealed({ keyId, wrappedKey, box });
}

function unwrap(keyring: Keyring, { keyId, wrappedKey }: SealedParts, aad: string): Buffer {
  return decrypt(masterKey(keyring, keyId), wrappedKey, wrapContext(keyId, aad));
}

function masterKey(keyring: Keyring, keyId: string): KeyObject {
  const key = keyring.keys.get(keyId);
  if (key === undefined) throw new SealError('unknown-key');
  return key;
}

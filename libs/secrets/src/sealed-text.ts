import { GCM_OVERHEAD } from './aes-gcm.js';
import { isKeyId } from './keyring.js';
import { SealError } from './seal-error.js';

/** The wrapped data key has a fixed size, so that the two boxes need no separator. */
export interface SealedParts {
  readonly keyId: string;
  readonly wrappedKey: Buffer;
  readonly box: Buffer;
}

export const SEAL_VERSION = 'swv1';
export const DATA_KEY_BYTES = 32;
const WRAPPED_BYTES = DATA_KEY_BYTES + GCM_OVERHEAD;

export function formatSealed({ keyId, wrappedKey, box }: SealedParts): string {
  return `${SEAL_VERSION}.${keyId}.${Buffer.concat([wrappedKey, box]).toString('base64url')}`;
}

export function parseSealed(sealed: string): SealedParts {
  const [version, keyId, body, ...rest] = typeof sealed === 'string' ? sealed.split('.') : [];
  if (version !== SEAL_VERSION || keyId === undefined || body === undefined || rest.length > 0) {
    throw new SealError('malformed');
  }
  const bytes = Buffer.from(body, 'base64url');
  // Node's decoder skips what it does not know; only the one canonical spelling may pass.
  if (
    !isKeyId(keyId) ||
    bytes.toString('base64url') !== body ||
    bytes.length < WRAPPED_BYTES + GCM_OVERHEAD
  ) {
    throw new SealError('malformed');
  }
  return { keyId, wrappedKey: bytes.subarray(0, WRAPPED_BYTES), box: bytes.subarray(WRAPPED_BYTES) };
}

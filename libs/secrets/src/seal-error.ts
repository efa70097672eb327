/**
 * `refused` covers tampering, a wrong aad and a wrong key under a known id alike: authenticated encryption
 * cannot tell them apart.
 */
export type SealErrorCode = 'malformed' | 'unknown-key' | 'refused';

const MESSAGES: Record<SealErrorCode, string> = {
  malformed: 'The sealed value is not in the format swv1.<keyId>.<base64url>',
  'unknown-key': 'The sealed value names a master key that is not in the keyring',
  refused: 'The sealed value was changed, or belongs to another place than the one it was read from',
};

/** Carries a code and a fixed sentence, never a part of what was sealed. */
export class SealError extends Error {
  override readonly name = 'SealError';

  constructor(readonly code: SealErrorCode) {
    super(MESSAGES[code]);
  }
}

export const TOKEN_REFUSALS = [
  'missing',
  'malformed',
  'oversized',
  'algorithm',
  'unknown-key',
  'signature',
  'issuer',
  'audience',
  'expired',
  'not-yet-valid',
  'claims',
] as const;
export type TokenRefusal = (typeof TOKEN_REFUSALS)[number];

/** Says why, never what: a refused token may still be somebody's secret. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';

  constructor(readonly reason: TokenRefusal) {
    super(`The token was refused: ${reason}`);
  }
}

/** Reads the reason from whatever a passport-jwt strategy reports. */
export function tokenRefusalOf(challenge: unknown): TokenRefusal {
  if (challenge instanceof TokenRefusedError) return challenge.reason;
  // passport-jwt has no code for it. Everything else it could say is about the signature: the rest was looked at before.
  const isMissing = challenge instanceof Error && challenge.message === 'No auth token';
  return isMissing ? 'missing' : 'signature';
}

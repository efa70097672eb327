import type { Identity, TokenRefusal } from '@switchyard/auth';
import { AppError } from '@switchyard/errors';
import type { Authenticated } from './authenticator.js';

export function identityOrRefusal(result: Authenticated): Identity {
  if (result.ok) return result.identity;
  throw identityRefused(result.reason);
}

export function identityRefused(reason: TokenRefusal | 'revoked'): AppError {
  const missing = reason === 'missing';
  const message = missing
    ? 'This needs a token: send Authorization: Bearer <token>'
    : `The token is refused: ${sayWhy[reason] ?? 'it is not one of ours'}`;
  const challenge = missing
    ? 'Bearer realm="switchyard"'
    : 'Bearer realm="switchyard", error="invalid_token"';
  return new AppError('UNAUTHORIZED', message, { headers: { 'www-authenticate': challenge } });
}

/** Only what helps an honest caller; the rest would help to forge one. */
const sayWhy: Readonly<Record<string, string>> = {
  expired: 'it has expired',
  'not-yet-valid': 'it is not valid yet',
  revoked: 'it was revoked',
};

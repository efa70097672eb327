import type { JwtStrategy, RequestWithHeaders } from './jwt-strategy.js';
import { TokenRefusedError, tokenRefusalOf, type TokenRefusal } from './token-refused-error.js';
import type { UserClaims } from './user-claims.js';

export type AuthenticationResult =
  { readonly ok: true; readonly claims: UserClaims } | { readonly ok: false; readonly reason: TokenRefusal };

type PassportRequest = Parameters<JwtStrategy['authenticate']>[0];

/** Runs one strategy as passport does, on a child object with its four callbacks, without express around it. */
export function authenticateWith(
  strategy: JwtStrategy,
  request: RequestWithHeaders,
): Promise<AuthenticationResult> {
  return new Promise((resolve, reject) => {
    const attempt = Object.assign(Object.create(strategy) as JwtStrategy, {
      success: (claims: UserClaims) => resolve({ ok: true, claims }),
      fail: (challenge: unknown) => resolve({ ok: false, reason: tokenRefusalOf(challenge) }),
      pass: () => resolve({ ok: false, reason: 'missing' }),
      // A Nest strategy tells a refusal by throwing it.
      error: (error: unknown) =>
        error instanceof TokenRefusedError
          ? resolve({ ok: false, reason: error.reason })
          : reject(error as Error),
    });
    // passport's types ask for an express request; the strategy reads nothing but its headers.
    attempt.authenticate(request as unknown as PassportRequest);
  });
}

import type { KeyObject } from 'node:crypto';
import passportJwt from 'passport-jwt';
import type { SecretOrKeyProvider, StrategyOptionsWithoutRequest, VerifiedCallback } from 'passport-jwt';
import { inspectToken, type TokenRules } from './inspect-token.js';
import { MAX_USER_TOKEN_BYTES, USER_TOKEN_TYPE } from './issue-user-token.js';
import { TokenRefusedError } from './token-refused-error.js';
import { UserClaimsSchema, type UserClaims } from './user-claims.js';

export interface JwtStrategySettings {
  readonly issuer: string;
  readonly audience: string;
  readonly keyFor: (kid: string) => KeyObject | undefined;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly clockToleranceSeconds?: number;
  readonly maxTokenBytes?: number;
  /** Refuses tokens that live longer than we ever issue: a revocation is forgotten after that time. */
  readonly maxLifetimeSeconds?: number;
}

export type JwtStrategy = InstanceType<typeof passportJwt.Strategy>;

export interface RequestWithHeaders {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export function createJwtStrategy(settings: JwtStrategySettings): JwtStrategy {
  return new passportJwt.Strategy(jwtStrategyOptions(settings), verifyUserClaims);
}

/**
 * For whoever registers the strategy elsewhere. Times, issuer and audience are checked by the key provider, before the
 * signature: passport-jwt fixes jsonwebtoken's clock when it is built, and a check in the verify callback would be
 * lost with a callback of one's own.
 */
export function jwtStrategyOptions(settings: JwtStrategySettings): StrategyOptionsWithoutRequest {
  const { issuer, audience } = settings;
  return {
    jwtFromRequest: bearerToken,
    secretOrKeyProvider: keyProvider(settings),
    algorithms: ['ES256'],
    issuer,
    audience,
    ignoreExpiration: true,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to keep jsonwebtoken's own clock out
    jsonWebTokenOptions: { ignoreNotBefore: true },
  };
}

export function verifyUserClaims(payload: unknown, done: VerifiedCallback): void {
  const claims = UserClaimsSchema.safeParse(payload).data;
  if (claims === undefined) done(null, false, new TokenRefusedError('claims'));
  else done(null, claims);
}

/** The same as `verifyUserClaims` for a Nest strategy's `validate`: throws `TokenRefusedError`. */
export function parseUserClaims(payload: unknown): UserClaims {
  const claims = UserClaimsSchema.safeParse(payload).data;
  if (claims === undefined) throw new TokenRefusedError('claims');
  return claims;
}

function keyProvider(settings: JwtStrategySettings): SecretOrKeyProvider<RequestWithHeaders> {
  const rules: TokenRules = {
    typ: USER_TOKEN_TYPE,
    issuer: settings.issuer,
    audience: settings.audience,
    maxTokenBytes: settings.maxTokenBytes ?? MAX_USER_TOKEN_BYTES,
    clockToleranceSeconds: settings.clockToleranceSeconds ?? 5,
    maxLifetimeSeconds: settings.maxLifetimeSeconds ?? 86_400,
  };
  return (_request, token: string, done) => {
    const key = tryKey(() => keyOf(token, rules, settings));
    if (key instanceof TokenRefusedError) done(key);
    // jsonwebtoken takes a KeyObject, which cannot be mistaken for an HMAC secret; the types lag behind.
    else done(null, key as unknown as Buffer);
  };
}

function keyOf(token: string, rules: TokenRules, { keyFor, clock }: JwtStrategySettings): KeyObject {
  const { kid } = inspectToken(token, rules, clock());
  const key = keyFor(kid);
  if (key?.type !== 'public') throw new TokenRefusedError('unknown-key');
  return key;
}

function tryKey(find: () => KeyObject): KeyObject | TokenRefusedError {
  try {
    return find();
  } catch (error) {
    if (error instanceof TokenRefusedError) return error;
    throw error;
  }
}

/** Not passport-jwt's own extractor: that one takes the second word of `Bearer a b`, or of `x, Bearer`. */
function bearerToken({ headers }: RequestWithHeaders): string | null {
  const authorization = headers['authorization'];
  if (typeof authorization !== 'string' || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return null;
  return authorization.slice(7);
}

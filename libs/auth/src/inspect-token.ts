import { z } from 'zod';
import { parseCompactJwt, type CompactJwt } from './parse-compact-jwt.js';
import { TokenRefusedError, type TokenRefusal } from './token-refused-error.js';

export interface TokenRules {
  readonly typ: string;
  readonly issuer: string;
  readonly audience: string;
  readonly maxTokenBytes: number;
  readonly clockToleranceSeconds: number;
  readonly maxLifetimeSeconds: number;
}

export interface InspectedToken extends CompactJwt {
  readonly kid: string;
}

const seconds = z.number().int().nonnegative();
const text = z.string().min(1).max(256);

/** What every token of ours carries. One audience only: a token for two could be replayed from one to the other. */
export const registeredClaims = {
  iss: text,
  aud: text,
  sub: text,
  jti: text,
  iat: seconds,
  nbf: seconds,
  exp: seconds,
};
const RegisteredClaimsSchema = z.object(registeredClaims);

/** Everything about a token except its signature; cheap, and so done before the signature is looked at. */
export function inspectToken(token: string, rules: TokenRules, now: number): InspectedToken {
  const jwt = parseCompactJwt(token, rules.maxTokenBytes);
  if (jwt.header['typ'] !== rules.typ) throw new TokenRefusedError('malformed');
  const claims = RegisteredClaimsSchema.safeParse(jwt.payload).data;
  if (claims === undefined) throw new TokenRefusedError('claims');
  const reason = objection(claims, rules, now / 1000);
  if (reason !== undefined) throw new TokenRefusedError(reason);
  return { ...jwt, kid: String(jwt.header['kid']) };
}

function objection(
  { iss, aud, iat, nbf, exp }: z.infer<typeof RegisteredClaimsSchema>,
  rules: TokenRules,
  nowSeconds: number,
): TokenRefusal | undefined {
  const tolerance = rules.clockToleranceSeconds;
  if (iss !== rules.issuer) return 'issuer';
  if (aud !== rules.audience) return 'audience';
  if (!(exp > iat && exp > nbf && exp - iat <= rules.maxLifetimeSeconds)) return 'claims';
  // Written so that a clock that answers NaN refuses everything.
  if (!(nowSeconds < exp + tolerance)) return 'expired';
  if (!(Math.max(iat, nbf) <= nowSeconds + tolerance)) return 'not-yet-valid';
  return undefined;
}

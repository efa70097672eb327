import type { KeyObject } from 'node:crypto';
import { verifyEs256 } from './es256-signature.js';
import type { Identity } from './identity.js';
import { inspectToken, type TokenRules } from './inspect-token.js';
import { SecondChanceMap } from './second-chance-map.js';
import {
  IDENTITY_ISSUER,
  IDENTITY_LIFETIME_SECONDS,
  IDENTITY_TOKEN_TYPE,
  ServiceClaimsSchema,
} from './service-claims.js';
import { TokenRefusedError } from './token-refused-error.js';

export interface IdentityVerifierOptions {
  /** The name of the service that verifies. */
  readonly audience: string;
  readonly keyFor: (kid: string) => KeyObject | undefined;
  readonly clock: () => number;
  readonly capacity?: number;
  readonly clockToleranceSeconds?: number;
}

/** An identity with up to 200 scopes needs more room than a user token. */
const MAX_IDENTITY_TOKEN_BYTES = 12_288;

export class IdentityVerifier {
  readonly #options: IdentityVerifierOptions;
  readonly #rules: TokenRules;
  readonly #verified: SecondChanceMap<string, { readonly identity: Identity; readonly until: number }>;

  constructor(options: IdentityVerifierOptions) {
    this.#options = options;
    this.#rules = {
      typ: IDENTITY_TOKEN_TYPE,
      issuer: IDENTITY_ISSUER,
      audience: options.audience,
      maxTokenBytes: MAX_IDENTITY_TOKEN_BYTES,
      clockToleranceSeconds: options.clockToleranceSeconds ?? 5,
      maxLifetimeSeconds: IDENTITY_LIFETIME_SECONDS,
    };
    this.#verified = new SecondChanceMap(options.capacity ?? 10_000);
  }

  /** Throws `TokenRefusedError`. */
  verify(token: string): Identity {
    const now = this.#options.clock();
    const known = this.#verified.get(token);
    if (known && now < known.until) return known.identity;
    this.#verified.delete(token);
    const { identity, exp } = this.#check(token, now);
    this.#verified.set(token, { identity, until: exp * 1000 });
    return identity;
  }

  #check(token: string, now: number): { identity: Identity; exp: number } {
    const { kid, payload, signingInput, signature } = inspectToken(token, this.#rules, now);
    const key = this.#options.keyFor(kid);
    if (key?.type !== 'public') throw new TokenRefusedError('unknown-key');
    if (!verifyEs256(signingInput, signature, key)) throw new TokenRefusedError('signature');
    const claims = ServiceClaimsSchema.safeParse(payload).data;
    if (claims === undefined) throw new TokenRefusedError('claims');
    return claims;
  }
}

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Identity } from './identity.js';
import { SecondChanceMap } from './second-chance-map.js';
import { IDENTITY_ISSUER, IDENTITY_LIFETIME_SECONDS, IDENTITY_TOKEN_TYPE } from './service-claims.js';
import { signJwt } from './sign-jwt.js';
import type { SigningKey } from './signing-key.js';
import { TokenRefusedError } from './token-refused-error.js';

export interface IdentityIssuerOptions {
  /** Asked at each signature, so that a rotated key takes over by itself. */
  readonly signingKey: () => SigningKey;
  readonly clock: () => number;
  readonly capacity?: number;
  /** As at the edge: a user token that is still tolerated there must get through to the service. */
  readonly clockToleranceSeconds?: number;
}

interface Issued {
  readonly identity: Identity;
  readonly token: string;
  readonly reuseUntil: number;
}

const RENEW_BELOW_SECONDS = 10;
const SERVICE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Speaks for the gateway to one service at a time, and hardly ever signs: 30 s serve every request in them. */
export class IdentityIssuer {
  readonly #options: IdentityIssuerOptions;
  readonly #issued: SecondChanceMap<string, Issued>;

  constructor(options: IdentityIssuerOptions) {
    this.#options = options;
    this.#issued = new SecondChanceMap(options.capacity ?? 10_000);
  }

  issue(identity: Identity, service: string): string {
    const nowSeconds = this.#options.clock() / 1000;
    const cacheKey = `${service} ${identity.tokenId}`;
    const known = this.#issued.get(cacheKey);
    if (known && nowSeconds < known.reuseUntil && isSame(known.identity, identity)) return known.token;
    const issued = this.#sign(identity, service, nowSeconds);
    this.#issued.set(cacheKey, issued);
    return issued.token;
  }

  #sign(identity: Identity, service: string, nowSeconds: number): Issued {
    if (!SERVICE_NAME.test(service))
      throw new RangeError(`${JSON.stringify(service)} is not the name of a service`);
    const lastMoment = identity.expiresAt + (this.#options.clockToleranceSeconds ?? 5);
    const iat = Math.floor(nowSeconds);
    const exp = Math.min(iat + IDENTITY_LIFETIME_SECONDS, lastMoment);
    if (!(nowSeconds < exp)) throw new TokenRefusedError('expired');
    const token = signJwt(this.#options.signingKey(), IDENTITY_TOKEN_TYPE, {
      iss: IDENTITY_ISSUER,
      aud: service,
      sub: identity.subject,
      jti: randomUUID(),
      iat,
      nbf: iat,
      exp,
      kind: 'service',
      identity,
    });
    // Towards the end of the user's own token a new signature would end no later: then this one serves to its end.
    const reuseUntil = exp === lastMoment ? exp : exp - RENEW_BELOW_SECONDS;
    return { identity, token, reuseUntil };
  }
}

/** The token id alone would not do: a robot keeps its id when its scope is narrowed. */
const isSame = (a: Identity, b: Identity): boolean => a === b || isDeepStrictEqual(a, b);

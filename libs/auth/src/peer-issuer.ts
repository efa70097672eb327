import { randomUUID } from 'node:crypto';
import { PEER_ISSUER, PEER_LIFETIME_SECONDS, PEER_TOKEN_TYPE, SERVICE_NAME } from './peer-claims.js';
import { signJwt } from './sign-jwt.js';
import type { SigningKey } from './signing-key.js';

export interface PeerIssuerOptions {
  /** The name of the service that asks. */
  readonly service: string;
  readonly signingKey: () => SigningKey;
  readonly clock: () => number;
}

const RENEW_BELOW_SECONDS = 10;

/** Speaks for one service to others, one at a time; a signature serves every question of the next seconds. */
export class PeerIssuer {
  readonly #issued = new Map<string, { readonly token: string; readonly reuseUntil: number }>();

  constructor(private readonly options: PeerIssuerOptions) {}

  issue(audience: string): string {
    if (!SERVICE_NAME.test(audience))
      throw new RangeError(`${JSON.stringify(audience)} is not the name of a service`);
    const now = this.options.clock() / 1000;
    const known = this.#issued.get(audience);
    if (known && now < known.reuseUntil) return known.token;
    const iat = Math.floor(now);
    const exp = iat + PEER_LIFETIME_SECONDS;
    const token = signJwt(this.options.signingKey(), PEER_TOKEN_TYPE, {
      iss: PEER_ISSUER,
      aud: audience,
      sub: this.options.service,
      jti: randomUUID(),
      iat,
      nbf: iat,
      exp,
      kind: 'peer',
    });
    this.#issued.set(audience, { token, reuseUntil: exp - RENEW_BELOW_SECONDS });
    return token;
  }
}

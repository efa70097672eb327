import { randomUUID } from 'node:crypto';
import type { Identity } from './identity.js';
import { signJwt } from './sign-jwt.js';
import type { SigningKey } from './signing-key.js';

/** Tells plugins who calls. Key, issuer, type and audience differ from those between services: one never passes for the other. */
export const PLUGIN_IDENTITY_ISSUER = 'switchyard-gateway/plugins';
export const PLUGIN_IDENTITY_TOKEN_TYPE = 'plugin+jwt';
export const PLUGIN_IDENTITY_LIFETIME_SECONDS = 60;

export interface PluginIdentityIssuerOptions {
  readonly signingKey: SigningKey;
  readonly clock: () => number;
}

interface Issued {
  readonly token: string;
  readonly reuseUntil: number;
}

/** A plugin shall have the time to read what it gets. */
const RENEW_BELOW_SECONDS = 15;

/**
 * Speaks for the gateway to one installation at a time. Signed once for many requests: the same identity object, as the
 * cache of verified tokens gives it, gets the same token until that is about to end; the object takes its tokens with it.
 */
export class PluginIdentityIssuer {
  readonly #options: PluginIdentityIssuerOptions;
  readonly #issued = new WeakMap<object, WeakMap<object, Issued>>();
  readonly #nobody = {};

  constructor(options: PluginIdentityIssuerOptions) {
    this.#options = options;
  }

  /** `installation` is any object that stands for the audience for as long as that is the same. */
  issue(identity: Identity | null, audience: string, installation: object): string {
    const now = this.#options.clock() / 1000;
    let ofInstallation = this.#issued.get(installation);
    if (!ofInstallation) this.#issued.set(installation, (ofInstallation = new WeakMap()));
    const key = identity ?? this.#nobody;
    const known = ofInstallation.get(key);
    if (known && now < known.reuseUntil) return known.token;
    const issued = this.#sign(identity, audience, now);
    ofInstallation.set(key, issued);
    return issued.token;
  }

  #sign(identity: Identity | null, audience: string, now: number): Issued {
    const iat = Math.floor(now);
    const exp = iat + PLUGIN_IDENTITY_LIFETIME_SECONDS;
    const token = signJwt(this.#options.signingKey, PLUGIN_IDENTITY_TOKEN_TYPE, {
      iss: PLUGIN_IDENTITY_ISSUER,
      aud: audience,
      sub: identity?.subject ?? 'anonymous',
      jti: randomUUID(),
      iat,
      nbf: iat,
      exp,
      kind: identity?.kind ?? 'anonymous',
      username: identity?.username,
      role: identity?.role,
      tenant: identity?.tenant ?? undefined,
    });
    return { token, reuseUntil: exp - RENEW_BELOW_SECONDS };
  }
}

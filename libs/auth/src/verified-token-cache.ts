import type { Identity } from './identity.js';
import type { RevocationList } from './revocation-list.js';
import { SecondChanceMap } from './second-chance-map.js';

interface Entry {
  readonly identity: Identity;
  readonly believedUntil: number;
  revocationsSeen: number;
}

export interface VerifiedTokenCacheOptions {
  readonly capacity: number;
  readonly revocations: RevocationList;
  readonly clock: () => number;
}

/** Remembers which token texts were verified, so that a request costs a lookup and not a signature. */
export class VerifiedTokenCache {
  readonly #entries: SecondChanceMap<string, Entry>;
  readonly #revocations: RevocationList;
  readonly #clock: () => number;

  constructor({ capacity, revocations, clock }: VerifiedTokenCacheOptions) {
    this.#entries = new SecondChanceMap(capacity);
    this.#revocations = revocations;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(token: string): Identity | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (this.#clock() < entry.believedUntil && this.#passesRevocations(entry)) return entry.identity;
    this.#entries.delete(token);
    return undefined;
  }

  /** `false` when the token was revoked while it was being verified: then the request must not pass either. */
  set(token: string, identity: Identity): boolean {
    if (this.#revocations.isRevoked(identity)) return false;
    const now = this.#clock();
    // A robot's token may live for a year, a revocation is remembered for `horizonMs`: nothing here outlives that.
    const believedUntil = Math.min(identity.expiresAt * 1000, now + this.#revocations.horizonMs);
    if (believedUntil > now) {
      this.#entries.set(token, { identity, believedUntil, revocationsSeen: this.#revocations.version });
    }
    return true;
  }

  #passesRevocations(entry: Entry): boolean {
    const { version } = this.#revocations;
    if (entry.revocationsSeen === version) return true;
    entry.revocationsSeen = version;
    return !this.#revocations.isRevoked(entry.identity);
  }
}

import type { Identity } from './identity.js';

export interface RevocationListOptions {
  readonly clock: () => number;
  /** Of every kind of token that is checked here without asking a database. */
  readonly longestTokenLifeSeconds: number;
  readonly clockToleranceSeconds?: number;
}

interface Revocation {
  /** Tokens issued before this moment are meant; epoch milliseconds. */
  readonly before: number;
  readonly forgetAt: number;
}

/** What was revoked, for as long as a token that it concerns can still be alive. */
export class RevocationList {
  readonly #tokens = new Map<string, Revocation>();
  readonly #sessions = new Map<string, Revocation>();
  readonly #subjects = new Map<string, Revocation>();
  readonly #clock: () => number;
  /** How long an entry is kept, and so how long anything may be believed without a new check. */
  readonly horizonMs: number;
  #version = 0;

  constructor({ clock, longestTokenLifeSeconds, clockToleranceSeconds = 5 }: RevocationListOptions) {
    this.#clock = clock;
    // Twice: the issuer's clock may be ahead by as much as the verifier then tolerates.
    this.horizonMs = (longestTokenLifeSeconds + 2 * clockToleranceSeconds) * 1000;
    if (!(longestTokenLifeSeconds > 0)) throw new RangeError('longestTokenLifeSeconds must be above 0');
  }

  /** Changes with every revocation, so that a cache knows when to look again. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#tokens.size + this.#sessions.size + this.#subjects.size;
  }

  revokeToken(tokenId: string): void {
    this.#add(this.#tokens, tokenId, Infinity);
  }

  revokeSession(sessionId: string): void {
    this.#add(this.#sessions, sessionId, Infinity);
  }

  /**
   * `before` in epoch milliseconds. `iat` counts whole seconds, so a token issued within the same second after `before` is refused too. Whoever issues
   * a replacement at once passes the start of the next second as its `now`; the clock tolerance covers that.
   */
  revokeSubject(subject: string, before: number): void {
    this.#add(this.#subjects, subject, before);
  }

  isRevoked({ tokenId, sessionId, subject, issuedAt }: Identity): boolean {
    return (
      this.#tokens.has(tokenId) ||
      (sessionId !== undefined && this.#sessions.has(sessionId)) ||
      issuedAt * 1000 < (this.#subjects.get(subject)?.before ?? -Infinity)
    );
  }

  #add(entries: Map<string, Revocation>, id: string, before: number): void {
    const now = this.#clock();
    const known = entries.get(id);
    const latest = Math.max(before, known?.before ?? before);
    const from = Number.isFinite(latest) ? Math.max(now, latest) : now;
    entries.delete(id);
    entries.set(id, { before: latest, forgetAt: Math.max(from + this.horizonMs, known?.forgetAt ?? 0) });
    this.#version += 1;
    for (const each of [this.#tokens, this.#sessions, this.#subjects]) forgetOld(each, now);
  }
}

/** Entries lie in the order they were made, which is nearly the order they end in: the first live one ends the search. */
function forgetOld(entries: Map<string, Revocation>, now: number): void {
  for (const [id, { forgetAt }] of entries) {
    if (forgetAt > now) return;
    entries.delete(id);
  }
}

import type { Identity } from './identity.js';

export interface RevocationListOptions {
  readonly clock: () => number;
  /** Of every kind of token that is checked here without asking a database. */
  readonly longestTokenLifeSeconds: number;
  readonly clockToleranceSeconds?: number;
}

interface Revocation {
  /** Tokens of an earlier generation are meant. */
  readonly generation: number;
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

  /** Refuses the subject's tokens of every earlier generation. */
  revokeSubject(subject: string, generation: number): void {
    this.#add(this.#subjects, subject, generation);
  }

  isRevoked({ tokenId, sessionId, subject, generation = 0 }: Identity): boolean {
    return (
      this.#tokens.has(tokenId) ||
      (sessionId !== undefined && this.#sessions.has(sessionId)) ||
      generation < (this.#subjects.get(subject)?.generation ?? 0)
    );
  }

  #add(entries: Map<string, Revocation>, id: string, generation: number): void {
    const now = this.#clock();
    const known = entries.get(id);
    entries.delete(id);
    entries.set(id, {
      generation: Math.max(generation, known?.generation ?? 0),
      forgetAt: Math.max(now + this.horizonMs, known?.forgetAt ?? 0),
    });
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

import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { FetchJson } from './fetch-json.js';

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const Jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

type Key = Awaited<ReturnType<JWTVerifyGetKey>>;

export interface KeyName {
  kid: string;
  alg: string;
}

interface Known {
  keys: ReturnType<typeof createLocalJWKSet>;
  freshUntil: number;
  usableUntil: number;
}

interface Issuer {
  known?: Known;
  loading?: Promise<Known>;
  /** A failed look is not repeated before. */
  retryAt: number;
  /** An unknown key is not looked for again before. */
  missAt: number;
}

const minute = 60_000;
export const keyTimes = {
  freshAtLeast: 5 * minute,
  freshAtMost: 60 * minute,
  /** Beyond their freshness, while the issuer cannot be reached. */
  staleFor: 60 * minute,
  retryAfter: 30_000,
} as const;

/**
 * The public keys of outside issuers, found by discovery from the address that an administrator entered; never from
 * anything that a token says.
 */
export class OutsideKeys {
  private readonly issuers = new Map<string, Issuer>();

  constructor(
    private readonly fetchJson: FetchJson,
    private readonly clock: () => number,
  ) {}

  /** Reads the issuer's keys now; throws what is wrong with it, in words for whoever enters it. */
  async discover(issuer: string): Promise<void> {
    await this.load(issuer, this.entry(issuer));
  }

  forget(issuer: string): void {
    this.issuers.delete(issuer);
  }

  /** Undefined when the issuer publishes no such key; throws when it cannot be asked and nothing usable is known. */
  async find(issuer: string, name: KeyName): Promise<Key | undefined> {
    const entry = this.entry(issuer);
    const known = await this.current(issuer, entry);
    const key = await keyIn(known, name);
    if (key || this.clock() < entry.missAt) return key;
    entry.missAt = this.clock() + keyTimes.retryAfter;
    const fresh = await this.load(issuer, entry).catch(() => known);
    return await keyIn(fresh, name);
  }

  private entry(issuer: string): Issuer {
    let entry = this.issuers.get(issuer);
    if (!entry) this.issuers.set(issuer, (entry = { retryAt: 0, missAt: 0 }));
    return entry;
  }

  private async current(issuer: string, entry: Issuer): Promise<Known> {
    const now = this.clock();
    const { known } = entry;
    if (known && now < known.freshUntil) return known;
    const usable = known && now < known.usableUntil ? known : undefined;
    if (now < entry.retryAt && !entry.loading) {
      if (usable) return usable;
      throw new Error(`${issuer} could not be reached a moment ago`);
    }
    try {
      return await this.load(issuer, entry);
    } catch (error) {
      if (usable) return usable;
      throw error;
    }
  }

  /** Whoever comes while it is read waits for the same answer. */
  private load(issuer: string, entry: Issuer): Promise<Known> {
    entry.loading ??= this.read(issuer)
      .then((known) => {
        entry.retryAt = 0;
        return (entry.known = known);
      })
      .catch((error: unknown) => {
        entry.retryAt = this.clock() + keyTimes.retryAfter;
        throw error;
      })
      .finally(() => delete entry.loading);
    return entry.loading;
  }

  private async read(issuer: string): Promise<Known> {
    const at = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const discovery = Discovery.safeParse((await this.fetchJson(at)).json).data;
    if (!discovery) throw new Error(`${at.href} is no discovery document`);
    if (discovery.issuer !== issuer)
      throw new Error(`${at.href} is the discovery document of "${discovery.issuer.slice(0, 200)}"`);
    const { json, maxAgeSeconds } = await this.fetchJson(new URL(discovery.jwks_uri));
    const jwks = Jwks.safeParse(json).data;
    if (!jwks) throw new Error(`${discovery.jwks_uri} is no key set`);
    const { freshAtLeast, freshAtMost, staleFor } = keyTimes;
    const fresh = Math.min(Math.max((maxAgeSeconds ?? 0) * 1000, freshAtLeast), freshAtMost);
    const freshUntil = this.clock() + fresh;
    return { keys: createLocalJWKSet(jwks), freshUntil, usableUntil: freshUntil + staleFor };
  }
}

async function keyIn({ keys }: Known, name: KeyName): Promise<Key | undefined> {
  try {
    return await keys({ ...name });
  } catch (error) {
    // Two keys of one name, or a private one among them: not to be guessed at.
    if (error instanceof errors.JOSEError || error instanceof DOMException || error instanceof TypeError)
      return undefined;
    throw error;
  }
}

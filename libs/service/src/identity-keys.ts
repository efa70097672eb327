import {
  generateSigningKey,
  keyLookup,
  PublicJwkSchema,
  type PublicJwk,
  type SigningKey,
} from '@switchyard/auth';
import type { ServiceDatabase, ServiceName } from '@switchyard/database';
import {
  feedPut,
  feedRemove,
  readFeedEntry,
  type FeedName,
  type Follow,
  type Following,
} from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import type { KeyObject } from 'node:crypto';

/**
 * The public keys of the processes of a service that live: what one of them signed is believed. The database lets nobody
 * but the service write its feed, so nobody else can announce a key in its name.
 */
export const identityKeyFeed = (service: ServiceName): FeedName => `${service}.identity-keys`;

/** How long a key of a process that was killed stays listed. */
const lifeMs = 24 * 3_600_000;
const renewEveryMs = 600_000;
const retryMs = 2_000;

export interface AnnouncedKey {
  key: SigningKey;
  /** Says again that its owner lives, and brings a key back that a restored database has lost. */
  renew(): Promise<void>;
  withdraw(): Promise<void>;
}

/**
 * A key of the process's own: made at its start, never written down, its public half told to who has to believe it. Keys of
 * processes that are long gone are taken off the list on the way.
 */
export async function announceIdentityKey(
  database: ServiceDatabase,
  clock: () => number,
  logger: Logger,
): Promise<AnnouncedKey> {
  const key = generateSigningKey(clock());
  const feed = identityKeyFeed(database.service);
  const renew = (): Promise<void> =>
    database.withPlatform('announce the identity key', async (tx) => {
      const old = await tx.query<{ key: string }>(
        `SELECT key FROM events.feed_rows WHERE feed = $1 AND NOT gone AND (data->>'until')::bigint < $2`,
        [feed, clock()],
      );
      for (const { key: kid } of old) await feedRemove(tx, feed, kid);
      await feedPut(tx, feed, key.kid, { jwk: key.publicJwk, until: clock() + lifeMs });
    });
  // Without the database nothing is signed that a service could check, but plugins are served.
  const first = await renew().then(
    () => undefined,
    (error: unknown) => error,
  );
  let timer: NodeJS.Timeout;
  const again = (inMs: number): void => {
    timer = setTimeout(() => {
      renew().then(
        () => again(renewEveryMs),
        (error: unknown) => {
          logger.warn({ err: error }, 'the identity key could not be announced; it is tried again');
          again(retryMs);
        },
      );
    }, inMs);
  };
  if (first !== undefined)
    logger.warn({ err: first }, 'the identity key could not be announced; it is tried again');
  again(first === undefined ? renewEveryMs : retryMs);
  return {
    key,
    renew,
    async withdraw() {
      clearTimeout(timer);
      await database
        .withPlatform('announce the identity key', (tx) => feedRemove(tx, feed, key.kid))
        .catch((error: unknown) => logger.warn({ err: error }, 'the identity key stays listed for a day'));
    },
  };
}

const mostLooksASecond = 20;

/** The side of who believes: follows the list. */
export class IdentityKeys {
  private readonly keys = new Map<string, PublicJwk>();
  private lookup: (kid: string) => KeyObject | undefined = () => undefined;
  private readonly feed: FeedName;
  private readonly following: Following;
  private readonly looks = new Map<string, Promise<boolean>>();
  private lookedIn = { second: 0, times: 0 };

  /** `of`: whose keys. */
  constructor(
    of: ServiceName,
    follow: Follow,
    private readonly database: ServiceDatabase,
  ) {
    this.feed = identityKeyFeed(of);
    this.following = follow(this.feed, undefined, {
      onSnapshot: (entries) => {
        this.keys.clear();
        for (const { key, data } of entries) this.add(key, data);
      },
      onChange: ({ key, data }) => this.add(key, data),
      onGone: (key) => {
        this.keys.delete(key);
        this.lookup = keyLookup(this.keys.values());
      },
    });
  }

  keyFor = (kid: string): KeyObject | undefined => this.lookup(kid);

  /** Who announced itself a moment ago is believed at once; unknown ones do not make us look all the time. */
  async look(kid: string, now: number): Promise<boolean> {
    if (this.keys.has(kid)) return true;
    // Right after a start many requests of one process come at once.
    const running = this.looks.get(kid);
    if (running) return await running;
    const second = Math.floor(now / 1000);
    if (second !== this.lookedIn.second) this.lookedIn = { second, times: 0 };
    if (this.lookedIn.times >= mostLooksASecond) return false;
    this.lookedIn.times += 1;
    const look = this.lookFor(kid).finally(() => this.looks.delete(kid));
    this.looks.set(kid, look);
    return await look;
  }

  stop(): void {
    this.following.stop();
  }

  private async lookFor(kid: string): Promise<boolean> {
    const data = await this.database.withPlatform('look for an identity key', (tx) =>
      readFeedEntry(tx, this.feed, kid),
    );
    if (data === undefined) return false;
    this.add(kid, data);
    return true;
  }

  private add(kid: string, data: unknown): void {
    this.keys.set(kid, PublicJwkSchema.parse((data as { jwk: unknown }).jwk));
    this.lookup = keyLookup(this.keys.values());
  }
}

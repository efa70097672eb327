import type { Transaction } from '@switchyard/database';
import { localHints } from '../local-hints.js';

/** Named after the service that writes it: `deployments.routes`. The database refuses others. */
export type FeedName = `${string}.${string}`;

/** Sets a key of the feed. It gets its version at the very end of the transaction, in the order of commits. */
export async function feedPut(tx: Transaction, feed: FeedName, key: string, data: unknown): Promise<void> {
  await write(tx, feed, key, false, JSON.stringify(data));
}

/** Followers hear that the key is gone; a tombstone is kept for those who are away. */
export async function feedRemove(tx: Transaction, feed: FeedName, key: string): Promise<void> {
  await write(tx, feed, key, true, null);
}

async function write(
  tx: Transaction,
  feed: FeedName,
  key: string,
  gone: boolean,
  data: string | null,
): Promise<void> {
  await tx.run(
    `INSERT INTO events.feed_rows AS r (feed, key, gone, data) VALUES ($1, $2, $3, $4::jsonb)
     ON CONFLICT (feed, key) DO UPDATE SET version = NULL, gone = excluded.gone, data = excluded.data`,
    [feed, key, gone, data],
  );
  tx.afterCommit(() => localHints.give(`feed:${feed}`));
}

import type { RouteVersion } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { FeedName } from '@switchyard/events';

/** Which version of the feed a key was last written with, or removed; null: it never was. */
export async function feedVersionOf(
  tx: Transaction,
  feed: FeedName,
  key: string,
): Promise<RouteVersion | null> {
  const row = await tx.one<{ version: string; epoch: string }>(
    'SELECT r.version, s.epoch FROM events.feed_rows r CROSS JOIN events.state s WHERE r.feed = $1 AND r.key = $2 AND r.version IS NOT NULL',
    [feed, key],
  );
  return row ? { epoch: Number(row.epoch), version: Number(row.version) } : null;
}

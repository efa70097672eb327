import type { Transaction } from '@switchyard/database';
import type { FeedName } from './feed-put.js';
import type { FeedEntry, FeedHead, FeedVersion } from './follower.js';

interface HeadRow {
  feed: string;
  epoch: string;
  version: string;
  pruned: string;
}

const headOf = (row: HeadRow): FeedHead => ({
  epoch: Number(row.epoch),
  version: Number(row.version),
  pruned: Number(row.pruned),
});

const heads = `
  SELECT f.feed, s.epoch, coalesce(h.version, 0) AS version, coalesce(h.pruned, 0) AS pruned
  FROM unnest($1::text[]) AS f (feed) CROSS JOIN events.state s LEFT JOIN events.feed_heads h ON h.feed = f.feed`;

/** A feed that nobody has written yet has version 0. */
export async function readHeads(tx: Transaction, feeds: readonly string[]): Promise<Map<string, FeedHead>> {
  return new Map((await tx.query<HeadRow>(heads, [feeds])).map((row) => [row.feed, headOf(row)]));
}

interface FeedRow {
  key: string;
  version: string;
  gone: boolean;
  data: unknown;
}

/** Head and rows in one statement: of one moment. */
export async function readSnapshot(
  tx: Transaction,
  feed: FeedName,
): Promise<{ entries: FeedEntry[]; head: FeedHead }> {
  const sql = `
    SELECT h.*, r.key, r.version AS row_version, r.data FROM (${heads}) h
    LEFT JOIN events.feed_rows r ON r.feed = h.feed AND NOT r.gone ORDER BY r.version`;
  const rows = await tx.query<HeadRow & { key: string | null; row_version: string; data: unknown }>(sql, [
    [feed],
  ]);
  const entries = rows.flatMap(({ key, row_version, data }) =>
    key === null ? [] : [{ key, version: Number(row_version), data }],
  );
  return { entries, head: firstHead(rows, feed) };
}

/** One entry as it is committed now: for who cannot wait until the feed has brought it. */
export async function readFeedEntry(tx: Transaction, feed: FeedName, key: string): Promise<unknown> {
  const sql = 'SELECT data FROM events.feed_rows WHERE feed = $1 AND key = $2 AND NOT gone';
  return (await tx.one<{ data: unknown }>(sql, [feed, key]))?.data;
}

export async function readChanges(
  tx: Transaction,
  feed: FeedName,
  after: FeedVersion,
  limit: number,
): Promise<{ changes: (FeedEntry & { gone: boolean })[]; head: FeedHead }> {
  const sql = `
    SELECT h.*, r.key, r.version AS row_version, r.gone, r.data FROM (${heads}) h
    LEFT JOIN LATERAL (SELECT * FROM events.feed_rows r WHERE r.feed = h.feed AND r.version > $2 ORDER BY r.version LIMIT $3) r ON true
    ORDER BY r.version`;
  const rows = await tx.query<
    HeadRow & Partial<FeedRow> & { key: string | null; row_version: string; gone: boolean }
  >(sql, [[feed], after.version, limit]);
  const changes = rows.flatMap(({ key, row_version, gone, data }) =>
    key === null ? [] : [{ key, version: Number(row_version), gone, data }],
  );
  return { changes, head: firstHead(rows, feed) };
}

function firstHead(rows: readonly HeadRow[], feed: string): FeedHead {
  const first = rows[0];
  if (!first) throw new Error(`the event log has no state: feed ${feed} cannot be read`);
  return headOf(first);
}

import type { Digest } from '@switchyard/artifacts';
import type { Transaction } from '@switchyard/database';

/**
 * Somebody is about to refer to these bytes: they are spared for a grace period, marked or not. Waits for whoever removes
 * them now. Answers since when they are known, which tells whether they were removed and brought again meanwhile.
 */
export async function touchBlob(tx: Transaction, digest: Digest, size: number): Promise<string> {
  const row = await tx.one<{ since: string }>(
    `INSERT INTO registry.blobs (digest, size) VALUES ($1, $2)
     ON CONFLICT (digest) DO UPDATE SET marked_at = NULL, touched_at = now() RETURNING created_at::text AS since`,
    [digest, size],
  );
  if (!row) throw new Error(`${digest} was not written down`);
  return row.since;
}

/** Whether they are there still, never removed since then; if so, they stay for this transaction. */
export const lockBlob = async (tx: Transaction, digest: Digest, since: string): Promise<boolean> =>
  (await tx.one(
    'SELECT 1 FROM registry.blobs WHERE digest = $1 AND created_at = $2::timestamptz FOR UPDATE',
    [digest, since],
  )) !== undefined;

/** What lies in the store and nobody wrote down; spared for a grace period like what came just now. */
export const adoptBlobs = (
  tx: Transaction,
  blobs: readonly { digest: Digest; size: number }[],
): Promise<number> =>
  tx.run(
    'INSERT INTO registry.blobs (digest, size) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING',
    [blobs.map(({ digest }) => digest), blobs.map(({ size }) => size)],
  );

const unreferenced = `NOT EXISTS (SELECT FROM registry.versions v WHERE v.checksum = b.digest AND v.artifact IS NOT NULL)
  AND NOT EXISTS (SELECT FROM registry.pins p WHERE p.digest = b.digest)`;

/** What somebody holds just now is looked at the next time: two collections, or a collection and a pin, never wait for each other. */
const free = (condition: string): string =>
  `digest IN (SELECT b.digest FROM registry.blobs b WHERE ${condition} ORDER BY b.digest FOR UPDATE SKIP LOCKED)`;

/** Marks what nobody refers to and takes the mark from what somebody does again; answers how many were marked. */
export async function markBlobs(tx: Transaction, graceMs: number): Promise<number> {
  await tx.run(
    `UPDATE registry.blobs SET marked_at = NULL WHERE ${free(`b.marked_at IS NOT NULL AND NOT (${unreferenced})`)}`,
  );
  return await tx.run(
    `UPDATE registry.blobs SET marked_at = now()
     WHERE ${free(`b.marked_at IS NULL AND b.touched_at <= now() - $1 * interval '1 ms' AND ${unreferenced}`)}`,
    [graceMs],
  );
}

/** One that has been marked for as long as the grace period, locked for its removal. */
export async function lockMarkedBlob(tx: Transaction, graceMs: number): Promise<Digest | undefined> {
  const row = await tx.one<{ digest: Digest }>(
    `SELECT digest FROM registry.blobs WHERE marked_at <= now() - $1 * interval '1 ms'
     ORDER BY marked_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [graceMs],
  );
  return row?.digest;
}

/**
 * Nobody refers to it. Asked once it is locked, and not by the statement that locks it: that one sees the world as it was
 * before it got the lock, and who held the lock until then may just have committed a reference.
 */
export const isUnreferenced = async (tx: Transaction, digest: Digest): Promise<boolean> =>
  (await tx.one(`SELECT 1 FROM registry.blobs b WHERE digest = $1 AND ${unreferenced}`, [digest])) !==
  undefined;

export const unmarkBlob = (tx: Transaction, digest: Digest): Promise<number> =>
  tx.run('UPDATE registry.blobs SET marked_at = NULL WHERE digest = $1', [digest]);

export const forgetBlob = (tx: Transaction, digest: Digest): Promise<number> =>
  tx.run('DELETE FROM registry.blobs WHERE digest = $1', [digest]);

import type { Digest } from '@switchyard/artifacts';
import type { Transaction } from '@switchyard/database';

/** Somebody is about to refer to these bytes: they are spared for a grace period, marked or not. Waits for whoever removes them now. */
export const touchBlob = (tx: Transaction, digest: Digest, size: number): Promise<number> =>
  tx.run(
    `INSERT INTO registry.blobs (digest, size) VALUES ($1, $2)
     ON CONFLICT (digest) DO UPDATE SET marked_at = NULL, touched_at = now()`,
    [digest, size],
  );

export const lockBlob = async (tx: Transaction, digest: Digest): Promise<boolean> =>
  (await tx.one('SELECT 1 FROM registry.blobs WHERE digest = $1 FOR UPDATE', [digest])) !== undefined;

const unreferenced = `NOT EXISTS (SELECT FROM registry.versions v WHERE v.checksum = b.digest AND v.artifact IS NOT NULL)
  AND NOT EXISTS (SELECT FROM registry.pins p WHERE p.digest = b.digest)`;

/** Marks what nobody refers to and takes the mark from what somebody does again; answers how many were marked. */
export async function markBlobs(tx: Transaction, graceMs: number): Promise<number> {
  await tx.run(
    `UPDATE registry.blobs b SET marked_at = NULL WHERE marked_at IS NOT NULL AND NOT (${unreferenced})`,
  );
  return await tx.run(
    `UPDATE registry.blobs b SET marked_at = now() WHERE marked_at IS NULL AND touched_at <= now() - $1 * interval '1 ms' AND ${unreferenced}`,
    [graceMs],
  );
}

/** One that has been marked for as long as the grace period and is still not referred to, locked for its removal. */
export async function lockRemovableBlob(tx: Transaction, graceMs: number): Promise<Digest | undefined> {
  const row = await tx.one<{ digest: Digest }>(
    `SELECT digest FROM registry.blobs b WHERE marked_at <= now() - $1 * interval '1 ms' AND ${unreferenced}
     ORDER BY marked_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [graceMs],
  );
  return row?.digest;
}

export const forgetBlob = (tx: Transaction, digest: Digest): Promise<number> =>
  tx.run('DELETE FROM registry.blobs WHERE digest = $1', [digest]);

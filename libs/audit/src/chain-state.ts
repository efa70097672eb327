import type { Transaction } from '@switchyard/database';
import { chainOf } from './chain.js';
import { genesis } from './seal-hash.js';

/** What is said of a chain apart from its seals, all seen at one moment. */
export interface ChainState {
  /** Of the head; nothing was ever sealed: 0 and the genesis. */
  sequence: number;
  hash: string;
  unsealed: number;
  lastSeal: number;
}

export async function chainState(tx: Transaction, chain: string): Promise<ChainState> {
  const row = await tx.one<{
    sequence: string | null;
    hash: string | null;
    unsealed: number;
    last: string | null;
  }>(
    `SELECT h.sequence, encode(h.hash, 'hex') AS hash,
       (SELECT count(*)::int FROM audit.unsealed WHERE chain = $1) AS unsealed,
       (SELECT max(sequence) FROM audit.seals WHERE chain = $1) AS last
     FROM (SELECT 1) AS always LEFT JOIN audit.heads AS h ON h.chain = $1`,
    [chain],
  );
  return {
    sequence: Number(row?.sequence ?? 0),
    hash: row?.hash ?? genesis,
    unsealed: row?.unsealed ?? 0,
    lastSeal: Number(row?.last ?? 0),
  };
}

/** An entry is sealed or waits for it, and nothing else waits. Whoever takes away both seal and place in the queue is found here. */
export async function entryOutsideTheChain(
  tx: Transaction,
  tenant: string | null,
): Promise<string | undefined> {
  const chain = chainOf(tenant);
  const gone = await tx.one<{ entry_id: string }>(
    `SELECT u.entry_id FROM audit.unsealed AS u
     WHERE u.chain = $1 AND NOT EXISTS (SELECT FROM audit.entries AS e WHERE e.entry_id = u.entry_id)
     ORDER BY u.position LIMIT 1`,
    [chain],
  );
  if (gone) return `missing entry: ${gone.entry_id} waited for its seal and is gone`;
  const own = tenant === null ? 'e.tenant_id IS NULL AND $2::text IS NULL' : 'e.tenant_id = $2';
  // Counting is much cheaper than to look for the one, and a whole chain has each entry once.
  const count = await tx.one<{ whole: boolean }>(
    `SELECT (SELECT count(*) FROM audit.entries AS e WHERE ${own}) =
       (SELECT count(*) FROM audit.seals WHERE chain = $1) + (SELECT count(*) FROM audit.unsealed WHERE chain = $1) AS whole`,
    [chain, tenant],
  );
  if (count?.whole) return undefined;
  const stray = await tx.one<{ entry_id: string }>(
    `SELECT e.entry_id FROM audit.entries AS e
     WHERE ${own} AND NOT EXISTS (SELECT FROM audit.seals AS s WHERE s.entry_id = e.entry_id AND s.chain = $1)
       AND NOT EXISTS (SELECT FROM audit.unsealed AS u WHERE u.entry_id = e.entry_id)
     ORDER BY e.occurred_at LIMIT 1`,
    [chain, tenant],
  );
  return stray && `missing seal: entry ${stray.entry_id} has none and does not wait for one`;
}

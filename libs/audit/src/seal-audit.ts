import type { Transaction } from '@switchyard/database';
import { chainOf } from './chain.js';
import { entryColumns, type EntryRow } from './entry-row.js';
import { genesis, sealHash } from './seal-hash.js';

interface Head {
  sequence: number;
  hash: string;
}

interface Seal extends Head {
  chain: string;
  entryId: string;
}

/**
 * Seals what waits, oldest first, at most `batch` entries; answers how many. For a platform transaction of the tenants
 * service. Only what is visible is taken and then removed from the queue, so a transaction that commits late is
 * sealed late; there is no cursor that could have passed it.
 */
export async function sealAudit(tx: Transaction, { batch }: { batch: number }): Promise<number> {
  const waiting = await tx.one('SELECT 1 FROM audit.unsealed ORDER BY position LIMIT 1');
  if (!waiting) return 0;
  await becomeTheOnlySealer(tx);
  const entries = await tx.query<EntryRow & { position: string }>(
    `SELECT u.position, ${entryColumns} FROM audit.unsealed AS u JOIN audit.entries AS e USING (entry_id) ORDER BY u.position LIMIT $1`,
    [batch],
  );
  if (entries.length === 0) return 0;
  const heads = await headsOf(tx, [...new Set(entries.map((entry) => chainOf(entry.tenant_id)))]);
  const seals = entries.map((entry) => sealNext(heads, entry));
  await append(tx, seals, heads);
  await tx.run('DELETE FROM audit.unsealed WHERE position = ANY($1::bigint[])', [
    entries.map((entry) => entry.position),
  ]);
  return entries.length;
}

/** A row that only the sealer's role may lock: an advisory lock could be held by anyone who can sign in. */
async function becomeTheOnlySealer(tx: Transaction): Promise<void> {
  await tx.run("SELECT 1 FROM audit.heads WHERE chain = 'platform' FOR NO KEY UPDATE");
}

async function headsOf(tx: Transaction, chains: string[]): Promise<Map<string, Head>> {
  const rows = await tx.query<{ chain: string; sequence: string; hash: string }>(
    "SELECT chain, sequence, encode(hash, 'hex') AS hash FROM audit.heads WHERE chain = ANY($1)",
    [chains],
  );
  return new Map(rows.map((row) => [row.chain, { sequence: Number(row.sequence), hash: row.hash }]));
}

/** Moves the chain's head on to the entry. */
function sealNext(heads: Map<string, Head>, entry: EntryRow): Seal {
  const chain = chainOf(entry.tenant_id);
  const head = heads.get(chain) ?? { sequence: 0, hash: genesis };
  const sequence = head.sequence + 1;
  const hash = sealHash(head.hash, chain, sequence, entry);
  heads.set(chain, { sequence, hash });
  return { chain, sequence, hash, entryId: entry.entry_id };
}

async function append(tx: Transaction, seals: Seal[], heads: Map<string, Head>): Promise<void> {
  await tx.run(
    `INSERT INTO audit.seals (chain, sequence, entry_id, hash)
     SELECT chain, sequence, entry_id, decode(hash, 'hex')
     FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[]) AS new (chain, sequence, entry_id, hash)`,
    [
      seals.map((s) => s.chain),
      seals.map((s) => s.sequence),
      seals.map((s) => s.entryId),
      seals.map((s) => s.hash),
    ],
  );
  const moved = [...heads];
  await tx.run(
    `INSERT INTO audit.heads (chain, sequence, hash)
     SELECT chain, sequence, decode(hash, 'hex') FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (chain, sequence, hash)
     ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash`,
    [
      moved.map(([chain]) => chain),
      moved.map(([, head]) => head.sequence),
      moved.map(([, head]) => head.hash),
    ],
  );
}

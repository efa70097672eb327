import type { Transaction } from '@switchyard/database';
import type { HistoryEntry } from '@switchyard/rollout';

/** An entry that is written twice is the same: the later one stands. */
export async function writeHistory(
  tx: Transaction,
  of: { deployment_id: string; tenant_id: string },
  entries: readonly HistoryEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await tx.run(
    `INSERT INTO deployments.history (deployment_id, tenant_id, sequence, entry)
     SELECT $1, $2, (entry->>'sequence')::int, entry FROM unnest($3::jsonb[]) AS entry
     ON CONFLICT (deployment_id, sequence) DO UPDATE SET entry = excluded.entry`,
    [of.deployment_id, of.tenant_id, entries.map((entry) => JSON.stringify(entry))],
  );
}

export async function readHistory(tx: Transaction, deploymentId: string): Promise<HistoryEntry[]> {
  const rows = await tx.query<{ entry: HistoryEntry }>(
    'SELECT entry FROM deployments.history WHERE deployment_id = $1 ORDER BY sequence',
    [deploymentId],
  );
  return rows.map(({ entry }) => entry);
}

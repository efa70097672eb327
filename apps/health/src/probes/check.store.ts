import type { Transaction } from '@switchyard/database';
import type { CheckState } from '../verdicts/after-check.js';

export interface StoredCheck extends CheckState {
  setId: string;
  instanceId: string;
  tenantId: string;
  /** Epoch milliseconds. */
  checkedAt: number;
}

interface CheckRow {
  set_id: string;
  instance_id: string;
  tenant_id: string;
  failures: number;
  successes: number;
  verdict: CheckState['verdict'];
  reason: string | null;
  checked_at: Date;
}

const fromRow = (row: CheckRow): StoredCheck => ({
  setId: row.set_id,
  instanceId: row.instance_id,
  tenantId: row.tenant_id,
  failures: row.failures,
  successes: row.successes,
  verdict: row.verdict,
  reason: row.reason,
  checkedAt: row.checked_at.getTime(),
});

/** By set and then by instance; who changes them holds the lock of their set. */
export async function readChecks(
  tx: Transaction,
  setIds: readonly string[],
): Promise<Map<string, Map<string, StoredCheck>>> {
  const rows = await tx.query<CheckRow>('SELECT * FROM health.checks WHERE set_id = ANY($1)', [setIds]);
  const bySet = new Map<string, Map<string, StoredCheck>>();
  for (const row of rows) {
    const ofSet = bySet.get(row.set_id) ?? new Map<string, StoredCheck>();
    ofSet.set(row.instance_id, fromRow(row));
    bySet.set(row.set_id, ofSet);
  }
  return bySet;
}

export const writeChecks = (tx: Transaction, checks: readonly StoredCheck[]): Promise<number> =>
  tx.run(
    `INSERT INTO health.checks (set_id, instance_id, tenant_id, failures, successes, verdict, reason, checked_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::timestamptz[])
     ON CONFLICT (set_id, instance_id) DO UPDATE SET failures = excluded.failures, successes = excluded.successes,
       verdict = excluded.verdict, reason = excluded.reason, checked_at = excluded.checked_at`,
    [
      checks.map(({ setId }) => setId),
      checks.map(({ instanceId }) => instanceId),
      checks.map(({ tenantId }) => tenantId),
      checks.map(({ failures }) => failures),
      checks.map(({ successes }) => successes),
      checks.map(({ verdict }) => verdict),
      checks.map(({ reason }) => reason),
      checks.map(({ checkedAt }) => new Date(checkedAt)),
    ],
  );

/** Removes those of instances that the set has no more. */
export const removeChecks = (
  tx: Transaction,
  setId: string,
  instanceIds: readonly string[],
): Promise<number> =>
  tx.run('DELETE FROM health.checks WHERE set_id = $1 AND instance_id = ANY($2)', [setId, instanceIds]);

/** Says of checks that only said again what was known when they last did. */
export const noteChecked = (
  tx: Transaction,
  checks: readonly { setId: string; instanceId: string; checkedAt: number }[],
): Promise<number> =>
  tx.run(
    `UPDATE health.checks c SET checked_at = n.at FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS n (s, i, at)
     WHERE c.set_id = n.s AND c.instance_id = n.i AND c.checked_at < n.at`,
    [
      checks.map(({ setId }) => setId),
      checks.map(({ instanceId }) => instanceId),
      checks.map(({ checkedAt }) => new Date(checkedAt)),
    ],
  );

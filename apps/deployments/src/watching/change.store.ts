import type { Transaction } from '@switchyard/database';
import type { Change } from './change.js';
import type { ResourceVersion } from './resource-version.js';

export interface Head extends ResourceVersion {
  readonly pruned: number;
}

/** Gives them their versions, and holds everybody else's back until this transaction has ended: call it last. */
export async function insertChanges(
  tx: Transaction,
  changes: readonly Omit<Change, 'version'>[],
): Promise<void> {
  await tx.run(
    `WITH head AS (UPDATE deployments.change_head SET version = version + $2 RETURNING version - $2 AS base)
     INSERT INTO deployments.changes (version, tenant_id, deployment_id, environment, plugin_id, status_before, status_after, object)
     SELECT head.base + c.place, c.change->>'tenantId', c.change->>'deploymentId', c.change->>'environment', c.change->>'pluginId',
       c.change->>'statusBefore', c.change->>'statusAfter', c.change->'object'
     FROM head CROSS JOIN unnest($1::jsonb[]) WITH ORDINALITY AS c (change, place)`,
    [changes.map((change) => JSON.stringify(change)), changes.length],
  );
}

/** Where everything stands, to be read in the same statement as what it is true of. */
export const headColumns = `s.epoch::float8 AS epoch, h.version::float8 AS version, h.pruned::float8 AS pruned`;
export const headTables = `events.state s CROSS JOIN deployments.change_head h`;

export async function readHead(tx: Transaction): Promise<Head> {
  const head = await tx.one<Head>(`SELECT ${headColumns} FROM ${headTables}`);
  if (!head) throw new Error('there is no head of changes');
  return head;
}

type Row = Head & Omit<Change, 'version'> & { change: number | null };

/** What came after a version, and how far everything is, of one moment. */
export async function changesAfter(
  tx: Transaction,
  version: number,
  limit: number,
): Promise<{ head: Head; changes: Change[] }> {
  const rows = await tx.query<Row>(
    `SELECT ${headColumns}, c.version::float8 AS change, c.tenant_id AS "tenantId", c.deployment_id AS "deploymentId", c.environment,
       c.plugin_id AS "pluginId", c.status_before AS "statusBefore", c.status_after AS "statusAfter", c.object
     FROM ${headTables} LEFT JOIN LATERAL
       (SELECT * FROM deployments.changes WHERE version > $1 ORDER BY version LIMIT $2) c ON true ORDER BY c.version`,
    [version, limit],
  );
  const [first] = rows;
  if (!first) throw new Error('there is no head of changes');
  const { epoch, version: at, pruned } = first;
  const changes = rows.flatMap(({ change, epoch: _, version: __, pruned: ___, ...rest }) =>
    change === null ? [] : [{ ...rest, version: change }],
  );
  return { head: { epoch, version: at, pruned }, changes };
}

/** Changes that are older than that; whoever has not seen them starts over. */
export async function pruneChanges(tx: Transaction, keepMs: number): Promise<number> {
  const row = await tx.one<{ count: number; last: string | null }>(
    `WITH gone AS (DELETE FROM deployments.changes WHERE version IN
       (SELECT version FROM deployments.changes WHERE at < clock_timestamp() - $1 * interval '1 ms' ORDER BY version LIMIT 5000) RETURNING version)
     SELECT count(*)::int AS count, max(version) AS last FROM gone`,
    [keepMs],
  );
  if (!row || row.last === null) return 0;
  await tx.run('UPDATE deployments.change_head SET pruned = greatest(pruned, $1)', [row.last]);
  return row.count;
}

export const deleteChangesOfTenant = (tx: Transaction, tenantId: string): Promise<number> =>
  tx.run('DELETE FROM deployments.changes WHERE tenant_id = $1', [tenantId]);

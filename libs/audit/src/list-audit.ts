import { listPage, type Transaction } from '@switchyard/database';
import { entryColumns, type EntryRow } from './entry-row.js';
import { databaseTime } from './database-time.js';

export interface AuditListQuery {
  /** Left out: all that the transaction may see; null: the platform's own. */
  tenant?: string | null | undefined;
  /** One action, or every one below it when it ends with a dot. */
  action?: string | undefined;
  actor?: string | undefined;
  outcome?: 'Success' | 'Refused' | undefined;
  /** ISO 8601; included. */
  since?: string | undefined;
  /** ISO 8601; not included. */
  until?: string | undefined;
  limit: number;
  offset: number;
  cursor?: string | undefined;
}

export interface AuditEntry {
  entryId: string;
  sequence: number | null;
  tenantId: string | null;
  action: string;
  outcome: 'Success' | 'Refused';
  actor: string;
  actorKind: 'user' | 'robot' | 'anonymous' | 'system';
  subject: string | null;
  address: string | null;
  details: Record<string, unknown>;
  count: number;
  traceId: string | null;
  occurredAt: string;
  hash: string | null;
}

export interface AuditList {
  entries: AuditEntry[];
  total: number;
  totalIsEstimate?: true;
  limit: number;
  offset: number;
  nextCursor: string | null;
}

type ListedRow = EntryRow & { sequence: string | null; hash: string | null };

/** Newest first. In a tenant's transaction its own entries, in a platform transaction those of everyone. */
export async function listAudit(tx: Transaction, query: AuditListQuery): Promise<AuditList> {
  const { rows, ...page } = await listPage<ListedRow>(
    tx,
    {
      // Looked up for the rows of the page only; a join would be counted as well.
      columns: `${entryColumns}, (SELECT s.sequence FROM audit.seals AS s WHERE s.entry_id = e.entry_id) AS sequence,
        (SELECT encode(s.hash, 'hex') FROM audit.seals AS s WHERE s.entry_id = e.entry_id) AS hash`,
      from: 'audit.entries AS e',
      where: conditions(query),
      createdAt: 'e.occurred_at',
      id: 'e.entry_id',
    },
    query,
  );
  return { entries: rows.map(toEntry), ...page };
}

function conditions({
  tenant,
  action,
  actor,
  outcome,
  since,
  until,
}: AuditListQuery): { sql: string; values: unknown[] }[] {
  const where: { sql: string; values: unknown[] }[] = [];
  const add = (sql: string, ...values: unknown[]) => where.push({ sql, values });
  if (tenant === null) add('e.tenant_id IS NULL');
  else if (tenant !== undefined) add('e.tenant_id = ?', tenant);
  // A range, which an index serves: `/` is what follows the dot.
  if (action?.endsWith('.')) add('e.action >= ? AND e.action < ?', action, `${action.slice(0, -1)}/`);
  else if (action !== undefined) add('e.action = ?', action);
  if (actor !== undefined) add('e.actor = ?', actor);
  if (outcome !== undefined) add('e.outcome = ?', outcome);
  if (since !== undefined) add('e.occurred_at >= ?::timestamptz', databaseTime(since));
  if (until !== undefined) add('e.occurred_at < ?::timestamptz', databaseTime(until));
  return where;
}

const toEntry = (row: ListedRow): AuditEntry => ({
  entryId: row.entry_id,
  sequence: row.sequence === null ? null : Number(row.sequence),
  tenantId: row.tenant_id,
  action: row.action,
  outcome: row.outcome,
  actor: row.actor,
  actorKind: row.actor_kind,
  subject: row.subject,
  address: row.address,
  details: JSON.parse(row.details) as Record<string, unknown>,
  count: row.count,
  traceId: row.trace_id,
  occurredAt: row.occurred_at,
  hash: row.hash,
});

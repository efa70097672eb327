/** An entry as it is hashed: every column, with nothing lost on the way out of the database. */
export interface EntryRow {
  entry_id: string;
  tenant_id: string | null;
  action: string;
  outcome: 'Success' | 'Refused';
  actor: string;
  actor_kind: 'user' | 'robot' | 'anonymous' | 'system';
  subject: string | null;
  address: string | null;
  trace_id: string | null;
  /** The text of the jsonb value. */
  details: string;
  count: number;
  /** UTC to the microsecond: `2026-01-31T23:59:59.000001Z`. */
  occurred_at: string;
}

/** The columns of `EntryRow` from `audit.entries AS e`. The era is told apart: 2026 BC must not read like 2026. */
export const entryColumns = `e.entry_id, e.tenant_id, e.action, e.outcome, e.actor, e.actor_kind, e.subject, e.address, e.trace_id,
  e.details::text AS details, e.count,
  replace(to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"BC'), 'AD', '') AS occurred_at`;

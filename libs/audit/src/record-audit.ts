import type { Transaction } from '@switchyard/database';

/** Something that was done or refused, in the words of the glossary: `tenant.created`, `sign-in`. */
export interface AuditRecord {
  /** Whose chain it belongs to; null for the platform's own. */
  tenant: string | null;
  action: string;
  outcome: 'Success' | 'Refused';
  actor: string;
  actorKind: 'user' | 'robot' | 'anonymous' | 'system';
  /** What it was done to. */
  subject?: string | null;
  address?: string | null;
  traceId?: string | null;
  /** Never a secret. */
  details?: Readonly<Record<string, unknown>>;
  count?: number;
}

/** Writes the entry in the caller's transaction: it is there exactly when the change is. Sealed afterwards. */
export async function recordAudit(tx: Transaction, record: AuditRecord): Promise<void> {
  await tx.run(
    `WITH entry AS (SELECT gen_random_uuid() AS id), queued AS (INSERT INTO audit.unsealed (entry_id) SELECT id FROM entry)
     INSERT INTO audit.entries (entry_id, tenant_id, action, outcome, actor, actor_kind, subject, address, trace_id, details, count)
     SELECT id, $1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10 FROM entry`,
    [
      record.tenant,
      record.action,
      record.outcome,
      record.actor,
      record.actorKind,
      record.subject ?? null,
      record.address ?? null,
      record.traceId ?? null,
      JSON.stringify(record.details ?? {}),
      record.count ?? 1,
    ],
  );
}

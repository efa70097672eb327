import type { Transaction } from '@switchyard/database';
import { storableJson, storableText } from './storable.js';

/** Something that was done or refused, in the words of the glossary: `tenant.created`, `sign-in`. */
export interface AuditRecord {
  /** Whose chain it belongs to; null for the platform's own. */
  tenant: string | null;
  action: string;
  outcome: 'Success' | 'Refused';
  actor: string;
  actorKind: 'user' | 'robot' | 'anonymous' | 'system';
  /** What it was done to. */
  subject?: string | null | undefined;
  address?: string | null | undefined;
  traceId?: string | null | undefined;
  /** Never a secret. */
  details?: Readonly<Record<string, unknown>> | undefined;
  count?: number | undefined;
}

/**
 * Writes the entry in the caller's transaction: it is there exactly when the change is. Sealed afterwards. Its id and
 * its time are the database's to give; no service has the right to choose them.
 */
export async function recordAudit(tx: Transaction, record: AuditRecord): Promise<void> {
  await tx.run(
    `INSERT INTO audit.entries (tenant_id, action, outcome, actor, actor_kind, subject, address, trace_id, details, count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10)`,
    [
      record.tenant,
      storableText(record.action, 120),
      record.outcome,
      storableText(record.actor, 254),
      record.actorKind,
      optionalText(record.subject),
      optionalText(record.address),
      optionalText(record.traceId),
      storableJson(record.details ?? {}),
      record.count ?? 1,
    ],
  );
}

const optionalText = (text: string | null | undefined) => (text == null ? null : storableText(text, 1_024));

import type { Transaction } from '@switchyard/database';
import type { DomainEvent } from '../event.js';

/** Puts the event aside, as it was: a replay needs neither the log nor Kafka. */
export async function insertDeadLetter(
  tx: Transaction,
  group: string,
  event: DomainEvent,
  error: string,
  attempts: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO events.dead_letters (group_name, event_id, epoch, seq, type, version, source, tenant, key, time, traceparent, data, error, attempts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14) ON CONFLICT (group_name, event_id) DO NOTHING`,
    [
      group,
      event.id,
      event.epoch,
      event.seq,
      event.type,
      event.version,
      event.source,
      event.tenant,
      event.key,
      event.time,
      event.traceparent,
      JSON.stringify(event.data),
      error,
      attempts,
    ],
  );
}

import type { Transaction } from '@switchyard/database';
import type { DomainEvent } from '../event.js';

export type KafkaClaim = 'fresh' | 'seen' | 'foreign';

/**
 * Notes the event in the inbox. Foreign is what our log never held: it was published by a database that was then
 * replaced by an older backup of itself, and what it tells did not happen any more.
 */
export async function claimFromKafka(
  tx: Transaction,
  group: string,
  event: DomainEvent,
): Promise<KafkaClaim> {
  const row = await tx.one<{ genuine: boolean; fresh: boolean }>(
    `WITH genuine AS (
       SELECT FROM events.state WHERE epoch = $3 AND seq >= $4 UNION ALL
       SELECT FROM events.epochs WHERE epoch = $3 AND last_seq >= $4
     ), fresh AS (
       INSERT INTO events.inbox (group_name, event_id) SELECT $1, $2::uuid WHERE EXISTS (SELECT FROM genuine) ON CONFLICT DO NOTHING RETURNING 1
     )
     SELECT EXISTS (SELECT FROM genuine) AS genuine, EXISTS (SELECT FROM fresh) AS fresh`,
    [group, event.id, event.epoch, event.seq],
  );
  if (!row?.genuine) return 'foreign';
  return row.fresh ? 'fresh' : 'seen';
}

import type { Transaction } from '@switchyard/database';
import { LeaseLost } from './failure.js';
import type { Lease } from './group-leases.js';
import type { LoggedEvent } from './read-log.js';

/**
 * Moves the cursor past the event and notes it in the inbox. From here to the commit the cursor's row is locked, so
 * nobody can take the partition over while the handler runs, however long; before, the fence tells if somebody did.
 */
export async function claimFromLog(
  tx: Transaction,
  group: string,
  lease: Lease,
  logged: LoggedEvent,
  leaseMs: number,
): Promise<boolean> {
  const row = await tx.one<{ moved: number; fresh: number }>(
    `WITH moved AS (
       UPDATE events.cursors SET epoch = $3, seq = $4, logged_at = $5::timestamptz, failing = NULL, attempts = 0,
         until = clock_timestamp() + $6 * interval '1 ms'
       WHERE group_name = $1 AND partition = $2 AND fence = $7 RETURNING 1
     ), fresh AS (
       INSERT INTO events.inbox (group_name, event_id) SELECT $1, $8::uuid FROM moved ON CONFLICT DO NOTHING RETURNING 1
     )
     SELECT (SELECT count(*)::int FROM moved) AS moved, (SELECT count(*)::int FROM fresh) AS fresh`,
    [
      group,
      lease.partition,
      logged.event.epoch,
      logged.event.seq,
      logged.loggedAt,
      leaseMs,
      lease.fence,
      logged.event.id,
    ],
  );
  if (row?.moved !== 1) throw new LeaseLost(`partition ${lease.partition} of ${group} was taken over`);
  return row.fresh === 1;
}

/** Passes events over that nobody here handles. */
export async function advanceCursor(
  tx: Transaction,
  group: string,
  lease: Lease,
  logged: LoggedEvent,
  leaseMs: number,
): Promise<void> {
  const moved = await tx.run(
    `UPDATE events.cursors SET epoch = $3, seq = $4, logged_at = $5::timestamptz, until = clock_timestamp() + $6 * interval '1 ms'
     WHERE group_name = $1 AND partition = $2 AND fence = $7`,
    [group, lease.partition, logged.event.epoch, logged.event.seq, logged.loggedAt, leaseMs, lease.fence],
  );
  if (moved !== 1) throw new LeaseLost(`partition ${lease.partition} of ${group} was taken over`);
}

/** So that a replica that takes over goes on counting. */
export async function noteFailure(
  tx: Transaction,
  group: string,
  lease: Lease,
  eventId: string,
  attempts: number,
  error: string,
): Promise<void> {
  await tx.run(
    'UPDATE events.cursors SET failing = $4, attempts = $5, last_error = $6 WHERE group_name = $1 AND partition = $2 AND fence = $3',
    [group, lease.partition, lease.fence, eventId, attempts, error],
  );
}

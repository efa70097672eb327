import { decodeCursor, encodeCursor, type Transaction } from '@switchyard/database';
import type { DomainEvent } from '../event.js';
import { localHints } from '../local-hints.js';
import { eventOf, type DeadLetterRow } from './dead-letter-row.js';

export interface DeadLetter {
  readonly id: string;
  readonly group: string;
  readonly event: DomainEvent;
  readonly error: string;
  readonly attempts: number;
  readonly status: 'Dead' | 'Replaying';
  /** ISO 8601. */
  readonly failedAt: string;
}

export interface DeadLetterFilter {
  group?: string | undefined;
  type?: string | undefined;
  tenant?: string | undefined;
  limit?: number | undefined;
  /** Where the last page ended; one that we did not make is an error. */
  cursor?: string | undefined;
}

export interface DeadLetterPage {
  readonly deadLetters: DeadLetter[];
  readonly nextCursor: string | undefined;
}

/** Events that a group could not handle, newest first. In platform transactions only; `tenants` sees those of all groups. */
export class DeadLetters {
  async list(tx: Transaction, { group, type, tenant, limit = 50, cursor }: DeadLetterFilter = {}): Promise<DeadLetterPage> {
    const query = JSON.stringify(['dead-letters', group, type, tenant]);
    const before = cursor === undefined ? undefined : decodeCursor(query, cursor)?.[0];
    if (cursor !== undefined && before === undefined) throw new RangeError('the cursor does not belong to this list');
    const rows = await tx.query<DeadLetterRow>(
      `SELECT * FROM events.dead_letters
       WHERE ($1::text IS NULL OR group_name = $1) AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR tenant = $3)
         AND ($4::bigint IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`,
      [group ?? null, type ?? null, tenant ?? null, before ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { deadLetters: page.map(deadLetterOf), nextCursor: rows.length > limit && last ? encodeCursor(query, [last.id]) : undefined };
  }

  async get(tx: Transaction, id: string): Promise<DeadLetter | undefined> {
    const row = isId(id) ? await tx.one<DeadLetterRow>('SELECT * FROM events.dead_letters WHERE id = $1', [id]) : undefined;
    return row && deadLetterOf(row);
  }

  /** Its group handles it again, soon and once. False when there is no such dead letter. */
  async replay(tx: Transaction, id: string): Promise<boolean> {
    if (!isId(id)) return false;
    tx.afterCommit(() => localHints.give('replay'));
    return (await tx.run("UPDATE events.dead_letters SET status = 'Replaying' WHERE id = $1", [id])) === 1;
  }

  /** It will never be handled. False when there is no such dead letter. */
  async drop(tx: Transaction, id: string): Promise<boolean> {
    return isId(id) && (await tx.run('DELETE FROM events.dead_letters WHERE id = $1', [id])) === 1;
  }
}

const isId = (id: string): boolean => /^\d{1,18}$/.test(id);

const deadLetterOf = (row: DeadLetterRow): DeadLetter => ({
  id: row.id,
  group: row.group_name,
  event: eventOf(row),
  error: row.error,
  attempts: row.attempts,
  status: row.status,
  failedAt: row.failed_at.toISOString(),
});

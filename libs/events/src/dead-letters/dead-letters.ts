import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';
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
}

/** Events that a group could not handle, newest first. In platform transactions only; `tenants` sees those of all groups. */
export class DeadLetters {
  async list(tx: Transaction, filter: DeadLetterFilter, page: Page): Promise<PageOf<DeadLetter>> {
    const where = (['group_name', 'type', 'tenant'] as const).flatMap((column) => {
      const value = filter[column === 'group_name' ? 'group' : column];
      return value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];
    });
    const { rows, ...rest } = await listPage<DeadLetterRow>(
      tx,
      { columns: '*', from: 'events.dead_letters', where, createdAt: 'failed_at', id: 'id' },
      page,
    );
    return { rows: rows.map(deadLetterOf), ...rest };
  }

  async get(tx: Transaction, id: string): Promise<DeadLetter | undefined> {
    const row = isId(id)
      ? await tx.one<DeadLetterRow>('SELECT * FROM events.dead_letters WHERE id = $1', [id])
      : undefined;
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

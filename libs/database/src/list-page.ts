import { AppError } from '@switchyard/errors';
import type { QueryResultRow } from 'pg';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Transaction } from './transaction.js';

export interface Page {
  limit: number;
  offset: number;
  cursor?: string | undefined;
}

export interface PageOf<Row> {
  rows: Row[];
  total: number;
  totalIsEstimate?: true;
  limit: number;
  offset: number;
  nextCursor: string | null;
}

/** A list, newest first; `createdAt` and `id` are the columns that give its order and need an index together. */
export interface ListQuery {
  columns: string;
  from: string;
  /** Conditions with `?` for their values, in order. */
  where: readonly { sql: string; values: readonly unknown[] }[];
  createdAt: string;
  id: string;
}

/** Counted exactly up to here, estimated beyond: no list may cost more because it is long. */
const exactTotal = 10_000;

/** One page and the total in one round trip; a cursor costs the same at any depth. */
export async function listPage<Row extends QueryResultRow>(
  tx: Transaction,
  list: ListQuery,
  page: Page,
): Promise<PageOf<Row>> {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const fill = (sql: string, given: readonly unknown[]) => {
    let next = 0;
    return sql.replaceAll('?', () => place(given[next++]));
  };
  const filter = ['true', ...list.where.map(({ sql, values: given }) => fill(sql, given))].join(' AND ');
  const counted = [...values];
  const question = JSON.stringify([list.from, filter, counted]);
  const after = page.cursor === undefined ? undefined : readCursor(question, page.cursor);
  const position = after
    ? ` AND (${list.createdAt}, ${list.id}) < (${place(after[0])}::timestamptz, ${place(after[1])})`
    : '';
  const offset = after ? 0 : page.offset;
  const [rows, total] = await Promise.all([
    tx.query<Row & { cursor_time: string; cursor_id: string }>(
      `SELECT ${list.columns}, ${list.createdAt}::text AS cursor_time, ${list.id}::text AS cursor_id FROM ${list.from}
       WHERE ${filter}${position} ORDER BY ${list.createdAt} DESC, ${list.id} DESC LIMIT ${place(page.limit + 1)} OFFSET ${place(offset)}`,
      values,
    ),
    totalOf(tx, list.from, filter, counted),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return {
    rows: shown,
    ...total,
    limit: page.limit,
    offset,
    nextCursor: last ? encodeCursor(question, [last.cursor_time, last.cursor_id]) : null,
  };
}

async function totalOf(
  tx: Transaction,
  from: string,
  filter: string,
  values: unknown[],
): Promise<{ total: number; totalIsEstimate?: true }> {
  const counted = await tx.one<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT 1 FROM ${from} WHERE ${filter} LIMIT ${exactTotal + 1}) AS bounded`,
    values,
  );
  const total = counted?.n ?? 0;
  if (total <= exactTotal) return { total };
  const plan = await tx.one<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM ${from} WHERE ${filter}`,
    values,
  );
  return {
    total: Math.max(exactTotal + 1, plan?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0),
    totalIsEstimate: true,
  };
}

function readCursor(query: string, cursor: string): (string | number)[] {
  const values = decodeCursor(query, cursor);
  const [time, id] = values ?? [];
  if (typeof time === 'string' && typeof id === 'string' && /^[\d: .+-]{10,40}$/.test(time))
    return [time, id];
  throw new AppError('VALIDATION_ERROR', 'The cursor is not one of this list', {
    details: [{ field: 'cursor', message: 'expected nextCursor of a page with the same filters' }],
  });
}

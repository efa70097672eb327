import { AppError } from '@switchyard/errors';
import type { QueryResultRow } from 'pg';
import { placeValues, type Condition } from './condition.js';
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

/** What a list is sorted by, the largest first unless it says otherwise; never null. */
export interface Sort {
  column: string;
  type: 'timestamptz' | 'bigint' | 'numeric' | 'text';
  ascending?: boolean;
}

/**
 * A list, newest first; `createdAt` (or the column of `sort`) and `id` are the columns that give its order and need an
 * index together.
 */
export type ListQuery = {
  columns: string;
  from: string;
  where: readonly Condition[];
  id: string;
  /** Some condition is served by an inverted index (words, tags), which knows no order and counts nothing without the rows. */
  inverted?: boolean;
} & ({ createdAt: string } | { sort: Sort });

/** Counted exactly up to here, estimated beyond: no list may cost more because it is long. */
const exactTotal = 10_000;
/** Of an inverted index, every row that is counted is read. */
const exactTotalOfInverted = 1_000;

/** One page and the total in one round trip; a cursor costs the same at any depth. */
export async function listPage<Row extends QueryResultRow>(
  tx: Transaction,
  list: ListQuery,
  page: Page,
): Promise<PageOf<Row>> {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const filter = ['true', ...list.where.map((condition) => placeValues(condition, values))].join(' AND ');
  const counted = [...values];
  const sort: Sort = 'sort' in list ? list.sort : { column: list.createdAt, type: 'timestamptz' };
  const { column, type } = sort;
  const [direction, beyond] = sort.ascending ? ['ASC', '>'] : ['DESC', '<'];
  const question = JSON.stringify([list.from, filter, counted, column]);
  const after = page.cursor === undefined ? undefined : readCursor(question, page.cursor, type);
  const position = after
    ? ` AND (${column}, ${list.id}) ${beyond} (${place(after[0])}::${type}, ${place(after[1])})`
    : '';
  const offset = after ? 0 : page.offset;
  const limits = `LIMIT ${place(page.limit + 1)} OFFSET ${place(offset)}`;
  const pageOf = (from: string, where: string) =>
    tx.query<Row & { cursor_place: string; cursor_id: string }>(
      `SELECT ${list.columns}, ${column}::text AS cursor_place, ${list.id}::text AS cursor_id FROM ${from}
       WHERE ${where}${position} ORDER BY ${column} ${direction}, ${list.id} ${direction} ${limits}`,
      values,
    );
  const total = await (list.inverted
    ? totalOfInverted(tx, list.from, filter, counted)
    : totalOf(tx, list.from, filter, counted, exactTotal));
  // The few that an inverted index finds are found first and then put in order; in order, every plugin might have to be looked at.
  const few = list.inverted && total.totalIsEstimate === undefined;
  const rows = await (
    few
      ? pageOf(`(SELECT * FROM ${list.from} WHERE ${filter} OFFSET 0) AS found`, 'true')
      : pageOf(list.from, filter)
  ).catch((error: unknown) => {
    throw after && isDataException(error) ? notOurs(error) : error;
  });
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return {
    rows: shown,
    ...total,
    limit: page.limit,
    offset,
    nextCursor: last ? encodeCursor(question, [last.cursor_place, last.cursor_id]) : null,
  };
}

interface Total {
  total: number;
  totalIsEstimate?: true;
}

/** The planner thinks reading a table until enough is found cheap, and is wrong where words are found together less often than each. */
async function totalOfInverted(
  tx: Transaction,
  from: string,
  filter: string,
  values: unknown[],
): Promise<Total> {
  await tx.run('SET LOCAL enable_seqscan = off');
  const total = await totalOf(tx, from, filter, values, exactTotalOfInverted);
  await tx.run('SET LOCAL enable_seqscan TO DEFAULT');
  return total;
}

async function totalOf(
  tx: Transaction,
  from: string,
  filter: string,
  values: unknown[],
  exact: number,
): Promise<Total> {
  const counted = await tx.one<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT 1 FROM ${from} WHERE ${filter} LIMIT ${exact + 1}) AS bounded`,
    values,
  );
  const total = counted?.n ?? 0;
  if (total <= exact) return { total };
  const plan = await tx.one<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT 1 FROM ${from} WHERE ${filter}`,
    values,
  );
  return {
    total: Math.max(exact + 1, plan?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0),
    totalIsEstimate: true,
  };
}

const notOurs = (cause?: unknown): AppError =>
  new AppError('VALIDATION_ERROR', 'The cursor is not one of this list', {
    details: [{ field: 'cursor', message: 'expected nextCursor of a page with the same filters' }],
    ...(cause === undefined ? {} : { cause }),
  });

function readCursor(query: string, cursor: string, type: Sort['type']): [place: string, id: string] {
  const values = decodeCursor(query, cursor) ?? [];
  const [place, id] = values;
  if (values.length === 2 && typeof place === 'string' && typeof id === 'string' && isOf[type](place))
    return [place, id];
  throw notOurs();
}

/** As PostgreSQL writes a value of the type. */
const isOf: Readonly<Record<Sort['type'], (text: string) => boolean>> = {
  timestamptz: isMoment,
  bigint: (text) => /^-?\d{1,18}$/.test(text),
  numeric: (text) => /^-?\d{1,30}(\.\d{1,30})?$/.test(text),
  text: (text) => !text.includes('\u0000'),
};

/** As PostgreSQL writes a timestamptz: `2026-01-31 10:00:00.123456+05:30`. */
const moment =
  /^(\d{4}-\d\d-\d\d) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?[+-](0\d|1[0-5])(:[0-5]\d){0,2}$/;

function isMoment(text: string): boolean {
  const day = moment.exec(text)?.[1];
  if (day === undefined || day.startsWith('0000')) return false;
  const date = new Date(`${day}T00:00:00Z`);
  // February 30th would be read as March 2nd.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** An id that its column cannot hold: only the database knows the column's type. */
const isDataException = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code?.startsWith('22') ?? false;

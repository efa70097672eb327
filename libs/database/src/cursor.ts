import { createHash } from 'node:crypto';

/**
 * Where a page ended, as opaque text: the sort values of its last row. Bound to the query it was made for, so that
 * a cursor of one filter is not silently read as that of another.
 */
export function encodeCursor(query: string, values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([fingerprint(query), ...values])).toString('base64url');
}

/** The sort values, or undefined for anything that we did not make for this query. */
export function decodeCursor(query: string, cursor: string): (string | number)[] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parsed) || parsed[0] !== fingerprint(query)) return undefined;
    const values: unknown[] = parsed.slice(1);
    return values.every((v) => typeof v === 'string' || typeof v === 'number') ? values : undefined;
  } catch {
    return undefined;
  }
}

const fingerprint = (query: string): string =>
  createHash('sha256').update(query).digest('base64url').slice(0, 8);

import { createHash } from 'node:crypto';
import { AppError } from '@switchyard/errors';

/** The version that a caller believes to be current; `*` stands for any existing one. */
export type IfMatch = readonly number[] | '*' | undefined;

/** `shown`: the answer, where it also holds what changes without a new version, such as counters: a cache must not keep those. */
export const etagOf = (version: number, shown?: unknown): string =>
  shown === undefined
    ? `"${version}"`
    : `"${version}.${createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 12)}"`;

export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => /^(W\/)?"[^"]{0,64}"$/.test(tag)))
    throw new AppError('VALIDATION_ERROR', 'If-Match must hold ETags as they were answered', {
      details: [{ field: 'If-Match', message: 'expected "<version>" or *', received: header.slice(0, 100) }],
    });
  // A weak tag never matches here, and one that we did not make is simply not the current version.
  return tags
    .map((tag) => /^"(\d{1,15})(?:\.[\w-]{12})?"$/.exec(tag)?.[1])
    .filter((v) => v !== undefined)
    .map(Number);
}

export function requireMatch(ifMatch: IfMatch, current: number): void {
  if (ifMatch === undefined || ifMatch === '*' || ifMatch.includes(current)) return;
  throw new AppError(
    'PRECONDITION_FAILED',
    `It was changed in the meantime: its ETag is now ${etagOf(current)}`,
    {
      headers: { etag: etagOf(current) },
    },
  );
}

import { AppError, type ErrorDetail } from '@switchyard/errors';
import type { z } from 'zod';

type Part = 'params' | 'query' | 'body';
type Issue = z.core.$ZodIssue;

const maxShown = 200;

/** What came, shortened; never for names that hold secrets. */
function shown(value: unknown, path: readonly PropertyKey[]): unknown {
  if (/password|secret|token/i.test(String(path.at(-1) ?? ''))) return '***';
  if (typeof value === 'string') return value.length > maxShown ? `${value.slice(0, maxShown)}…` : value;
  if (value === null || ['number', 'boolean'].includes(typeof value)) return value;
  return Array.isArray(value) ? 'array' : typeof value;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? (found as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

const fieldName = (part: Part, path: readonly PropertyKey[]): string =>
  path.length === 0
    ? part
    : path
        .map((key) => (typeof key === 'number' ? `[${key}]` : String(key)))
        .join('.')
        .replaceAll('.[', '[');

function detailsOf(part: Part, issue: Issue, input: unknown): ErrorDetail[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, 20).map((key) => ({
      field: fieldName(part, [...issue.path, key]),
      message: part === 'query' ? 'is not a parameter of this request' : 'is not a field of this request',
    }));
  const received = at(input, issue.path);
  const missing = received === undefined && issue.code === 'invalid_type';
  const allowed =
    issue.code === 'invalid_value'
      ? issue.values
      : issue.code === 'too_big'
        ? { maximum: issue.maximum }
        : issue.code === 'too_small'
          ? { minimum: issue.minimum }
          : undefined;
  return [
    {
      field: fieldName(part, issue.path),
      message: missing ? 'is required' : issue.message,
      ...(received === undefined ? {} : { received: shown(received, issue.path) }),
      ...(allowed === undefined ? {} : { allowed }),
    },
  ];
}

/** Checks every part and lists every problem of all of them at once. */
export function validateParts(
  parts: readonly { part: Part; schema: z.ZodType; input: unknown }[],
): Partial<Record<Part, unknown>> {
  const details: ErrorDetail[] = [];
  const values: Partial<Record<Part, unknown>> = {};
  for (const { part, schema, input } of parts) {
    const result = schema.safeParse(input);
    if (result.success) values[part] = result.data;
    else details.push(...result.error.issues.flatMap((issue) => detailsOf(part, issue, input)));
  }
  if (details.length === 0) return values;
  const fields = details.slice(0, 100);
  throw new AppError(
    'VALIDATION_ERROR',
    `The request has ${details.length} invalid field(s): ${[...new Set(fields.map((d) => d.field))].slice(0, 10).join(', ')}`,
    { details: fields },
  );
}

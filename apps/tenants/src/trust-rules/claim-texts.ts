const mostValues = 200;

/** What a claim says, as text: a list says each of its values, an object nothing that a pattern could mean. */
export const claimTexts = (value: unknown): string[] =>
  Array.isArray(value) ? value.slice(0, mostValues).flatMap(textOf) : textOf(value);

function textOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [String(value)];
  // Beyond that, two ids that differ are read as the same number.
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? [String(value)] : [];
}

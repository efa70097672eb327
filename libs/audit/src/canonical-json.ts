/** Numbers keep their digits as marked text while they pass through JavaScript: jsonb holds no NUL, so no text looks like one. */
const mark = '\u0000';
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * The text of a jsonb value in one canonical form: no spaces, the keys of objects sorted by UTF-16 code units, texts as
 * JSON.stringify writes them, numbers digit for digit as PostgreSQL prints them. A number beyond 2^53 stays exact.
 */
export function canonicalJson(jsonb: string): string {
  const marked = jsonb.replace(stringOrNumber, (token) =>
    token.startsWith('"') ? token : JSON.stringify(mark + token),
  );
  return write(JSON.parse(marked));
}

function write(value: unknown): string {
  if (typeof value === 'string' && value.startsWith(mark)) return value.slice(mark.length);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`;
}

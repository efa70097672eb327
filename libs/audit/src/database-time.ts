/**
 * A valid ISO 8601 instant as PostgreSQL takes it, to the microsecond. ISO allows years and offsets that PostgreSQL
 * does not; what lies outside is before or after every entry.
 */
export function databaseTime(instant: string): string {
  const utc = new Date(instant).toISOString();
  if (utc.startsWith('+')) return 'infinity';
  if (utc.startsWith('-') || utc.startsWith('0000')) return '-infinity';
  const microseconds = /\.\d{3}(\d{1,3})/.exec(instant)?.[1] ?? '';
  return `${utc.slice(0, -1)}${microseconds}Z`;
}

/** What a Range header asks of a file: all of it, a part, or something that is not there. */
export type WantedRange = { kind: 'whole' } | { kind: 'part'; start: number; end: number } | { kind: 'none' };

/** One range is honoured; several, or what is not understood, are answered with the whole, as HTTP allows. */
export function wantedRange(header: string | undefined, size: number): WantedRange {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? { kind: 'none' } : { kind: 'part', start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start >= size ? { kind: 'none' } : { kind: 'part', start, end };
}

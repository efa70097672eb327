import { ArchiveRefusedError } from '../archive-refused-error.js';
import { decodeName } from '../check-entry-name.js';

/** What changes neither which file it is nor what is in it. */
const HARMLESS =
  /^(?:[acm]time|[ug]id|[ug]name|comment|SCHILY\.(?:dev|ino|nlink)|(?:SCHILY|LIBARCHIVE)\.xattr\..+|LIBARCHIVE\.creationtime)$/;

/** The records of a pax header: `length key=value\n` each. Whatever gives an entry another size, type or mode is refused. */
export function readPaxPath(body: Buffer, header: string, isGlobal: boolean): string | undefined {
  let path: string | undefined;
  const seen = new Set<string>();
  for (let at = 0; at < body.length;) {
    const record = recordAt(body, at, header);
    at += record.length;
    if (seen.has(record.key)) throw new ArchiveRefusedError('malformed', header);
    seen.add(record.key);
    if (record.key.startsWith('GNU.sparse.')) throw new ArchiveRefusedError('sparse', header);
    if (record.key === 'path' && !isGlobal) path = record.value;
    else if (!(isGlobal ? record.key === 'comment' : HARMLESS.test(record.key)))
      throw new ArchiveRefusedError('pax-override', `${header}: ${record.key}`);
  }
  return path;
}

function recordAt(body: Buffer, at: number, header: string): { length: number; key: string; value: string } {
  const malformed = (): ArchiveRefusedError => new ArchiveRefusedError('malformed', header);
  const digits = /^([1-9][0-9]{0,6}) /.exec(body.toString('latin1', at, at + 8))?.[1];
  const length = Number(digits ?? NaN);
  if (digits === undefined || at + length > body.length || length < digits.length + 4) throw malformed();
  const bytes = body.subarray(at + digits.length + 1, at + length - 1);
  // A line break in a value is the next record to those who read line by line.
  if (body[at + length - 1] !== 0x0a || bytes.includes(0x0a) || bytes.includes(0)) throw malformed();
  const equals = bytes.indexOf('=');
  if (equals < 1) throw malformed();
  const key = bytes.toString('latin1', 0, equals);
  // Attributes are bytes; only a name has to be one.
  return { length, key, value: key === 'path' ? decodeName(bytes.subarray(equals + 1)) : '' };
}

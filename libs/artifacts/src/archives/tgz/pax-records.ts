import { ArchiveRefusedError } from '../archive-refused-error.js';
import { decodeName } from '../check-entry-name.js';

/** What changes neither which file it is nor what is in it. */
const HARMLESS =
  /^(?:[acm]time|[ug]id|[ug]name|comment|SCHILY\.(?:dev|ino|nlink)|(?:SCHILY|LIBARCHIVE)\.xattr\..+|LIBARCHIVE\.creationtime)$/;

const NAMED = ['path', 'size'];

/** What a pax header says of the entry that follows. Programs write down the size though the entry's own header has it. */
export interface PaxRecords {
  readonly path?: string;
  readonly size?: string;
}

/** `length key=value\n` each. Whatever else would make another file of an entry is refused. */
export function readPaxRecords(body: Buffer, header: string, isGlobal: boolean): PaxRecords {
  const found: { path?: string; size?: string } = {};
  const seen = new Set<string>();
  for (let at = 0; at < body.length;) {
    const { length, key, value } = recordAt(body, at, header);
    at += length;
    if (seen.has(key)) throw new ArchiveRefusedError('malformed', header);
    seen.add(key);
    if (key.startsWith('GNU.sparse.')) throw new ArchiveRefusedError('sparse', header);
    if (!isGlobal && (key === 'path' || key === 'size')) found[key] = value;
    else if (!(isGlobal ? key === 'comment' : HARMLESS.test(key)))
      throw new ArchiveRefusedError('pax-override', `${header}: ${key}`);
  }
  return found;
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
  // Attributes may be any bytes.
  return { length, key, value: NAMED.includes(key) ? decodeName(bytes.subarray(equals + 1)) : '' };
}

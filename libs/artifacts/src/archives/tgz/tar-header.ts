import { ArchiveRefusedError, type ArchiveRefusal } from '../archive-refused-error.js';
import { decodeName } from '../check-entry-name.js';

export const BLOCK = 512;

export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly mode: number;
}

const REFUSED_TYPES: Readonly<Record<string, ArchiveRefusal>> = {
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '6': 'fifo',
  K: 'symlink',
  S: 'sparse',
};
/** File, folder, and what describes the entry that follows: a pax header, a global one, a long name of GNU's. */
const KNOWN_TYPES = ['0', '5', 'x', 'g', 'L'];
const SET_ID = 0o6000;
const POSIX = 'ustar\x0000';
/** The second is GNU's own, the last is of the time before there was any. */
const MAGICS = [POSIX, 'ustar  \0', '\0'.repeat(8)];

const ZEROS = Buffer.alloc(512);
/** Of a block at most. */
export const isZeroBlock = (block: Buffer): boolean => block.equals(ZEROS.subarray(0, block.length));

/** Strict, where tar programs are lenient each in its own way: what is read here has only one reading. */
export function readTarHeader(block: Buffer): TarHeader {
  const magic = block.toString('latin1', 257, 265);
  if (!MAGICS.includes(magic)) throw new ArchiveRefusedError('malformed');
  if (octal(block, 148, 8) !== checksumOf(block)) throw new ArchiveRefusedError('bad-checksum');
  const name = nameOf(block, magic);
  const flag = block.readUInt8(156);
  const type = flag === 0 ? '0' : String.fromCharCode(flag);
  const refused = REFUSED_TYPES[type];
  if (refused) throw new ArchiveRefusedError(refused, name);
  if (!KNOWN_TYPES.includes(type)) throw new ArchiveRefusedError('unsupported-type', name);
  const [size, mode] = [octal(block, 124, 12, name), octal(block, 100, 8, name)];
  if ((mode & SET_ID) !== 0) throw new ArchiveRefusedError('setuid', name);
  const isFolder = type === '5' || (type === '0' && name.endsWith('/'));
  // Some skip a folder's bytes and some read headers out of them.
  if (isFolder && size > 0) throw new ArchiveRefusedError('malformed', name);
  if (block.readUInt8(157) !== 0) throw new ArchiveRefusedError('malformed', name);
  return { name, type: isFolder ? '5' : type, size, mode };
}

function nameOf(block: Buffer, magic: string): string {
  const name = text(block, 0, 100);
  if (magic !== POSIX) return name;
  // Some keep times in the last 25 bytes, when the prefix leaves them free.
  const prefix = text(block, 345, block[475] === 0 ? 130 : 155);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  if (end < 0) return decodeName(field);
  // A second text behind the first one's end is for those who do not stop there.
  if (!isZeroBlock(field.subarray(end)))
    throw new ArchiveRefusedError('control-character', field.toString('latin1'));
  return decodeName(field.subarray(0, end));
}

/** GNU's binary numbers are for files of 8 GB and more. */
function octal(block: Buffer, start: number, length: number, name?: string): number {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(block.toString('latin1', start, start + length))?.[1];
  if (digits === undefined) throw new ArchiveRefusedError('malformed', name);
  return digits === '' ? 0 : parseInt(digits, 8);
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block.readUInt8(at);
  return sum;
}

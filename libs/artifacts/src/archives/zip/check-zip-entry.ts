import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import { ArchiveRefusedError, type ArchiveRefusal } from '../archive-refused-error.js';
import { decodeName } from '../check-entry-name.js';
import type { ArchiveEntry } from '../entry-ledger.js';

export const STORED = 0;
export const DEFLATED = 8;
/** Encrypted, strongly encrypted, and a directory that is masked because it is. */
const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;
const PATCHED = 0x0020;
const NAME_IS_UTF8 = 0x0800;
const [ZIP64_EXTRA, UNICODE_PATH_EXTRA] = [0x0001, 0x7075];
const [MAX_UINT32, DOS_FOLDER, SET_ID] = [0xffffffff, 0x10, 0o6000];
const [TYPE_BITS, TYPE_FOLDER, TYPE_FILE, TYPE_UNKNOWN] = [0o170000, 0o040000, 0o100000, 0];
const REFUSED_TYPES: Readonly<Record<number, ArchiveRefusal>> = {
  0o120000: 'symlink',
  0o020000: 'device',
  0o060000: 'device',
  0o010000: 'fifo',
  0o140000: 'socket',
};

/** What the central directory alone says about an entry. */
export function checkZipEntry(entry: Entry): ArchiveEntry {
  const name = nameOf(entry);
  const refuse = (reason: ArchiveRefusal): never => {
    throw new ArchiveRefusedError(reason, name);
  };
  if (entry.generalPurposeBitFlag & ENCRYPTED) refuse('encrypted');
  if (entry.generalPurposeBitFlag & PATCHED) refuse('unsupported-method');
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    refuse('unsupported-method');
  if (hasExtra(entry, ZIP64_EXTRA) || entry.relativeOffsetOfLocalHeader === MAX_UINT32) refuse('zip64');
  if (entry.compressedSize === MAX_UINT32 || entry.uncompressedSize === MAX_UINT32) refuse('zip64');
  const mode = entry.externalFileAttributes >>> 16;
  const refused = REFUSED_TYPES[mode & TYPE_BITS];
  if (refused) refuse(refused);
  if (mode & SET_ID) refuse('setuid');
  const kind = name.endsWith('/') ? 'folder' : 'file';
  if (![kind === 'folder' ? TYPE_FOLDER : TYPE_FILE, TYPE_UNKNOWN].includes(mode & TYPE_BITS))
    refuse('ambiguous');
  if (kind === 'file' && entry.externalFileAttributes & DOS_FOLDER) refuse('ambiguous');
  if (kind === 'folder' && entry.uncompressedSize > 0) refuse('malformed');
  if (entry.compressionMethod === STORED && entry.compressedSize !== entry.uncompressedSize)
    refuse('size-mismatch');
  return { name, kind, size: entry.uncompressedSize };
}

function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  const isAscii = raw.every((byte) => byte < 0x80);
  // Without the flag it is in a code page that nobody names.
  if (!isAscii && !(entry.generalPurposeBitFlag & NAME_IS_UTF8))
    throw new ArchiveRefusedError('bad-name', raw.toString('latin1'));
  const name = decodeName(raw);
  for (const { id, data } of entry.extraFields)
    // A second name, which counts for those who know of it while it belongs to the first.
    if (id === UNICODE_PATH_EXTRA && data.length > 5 && data.readUInt32LE(1) === crc32(raw))
      if (!data.subarray(5).equals(raw)) throw new ArchiveRefusedError('name-mismatch', name);
  return name;
}

const hasExtra = (entry: Entry, wanted: number): boolean => entry.extraFields.some(({ id }) => id === wanted);

import type { FileHandle } from 'node:fs/promises';
import type { ArchiveLimits } from '../archive-limits.js';
import { ArchiveRefusedError } from '../archive-refused-error.js';
import { readBytes } from '../inflate-range.js';

const ENTRY_BYTES = 46;
/** Extra fields and a comment. What comes with any sense is below a hundred. */
const MAX_EXTRA_BYTES = 1024;

export interface ZipDirectory {
  readonly entries: number;
  readonly start: number;
  readonly end: number;
}

const END_BYTES = 22;
const ZIP64_LOCATOR_BYTES = 20;
const MAX_COMMENT_BYTES = 0xffff;
const END_SIGNATURE = 'PK\x05\x06';
const ZIP64_LOCATOR = 'PK\x06\x07';

/** What the end of the file says about the central directory; that must be right in front of it. */
export async function readZipDirectory(
  file: FileHandle,
  size: number,
  { maxEntries, maxPathBytes }: ArchiveLimits,
): Promise<ZipDirectory> {
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES + ZIP64_LOCATOR_BYTES);
  const tail = await readBytes(file, size - tailBytes, tailBytes);
  const at = tail.lastIndexOf(END_SIGNATURE, tail.length - END_BYTES, 'latin1');
  if (at < 0) throw new ArchiveRefusedError('truncated');
  const end = tail.subarray(at);
  const commentBytes = end.readUInt16LE(20);
  if (end.length !== END_BYTES + commentBytes)
    throw new ArchiveRefusedError(end.length < END_BYTES + commentBytes ? 'truncated' : 'trailing-data');
  const [disk, directoryDisk] = [end.readUInt16LE(4), end.readUInt16LE(6)];
  const [onDisk, entries] = [end.readUInt16LE(8), end.readUInt16LE(10)];
  const [directoryBytes, start] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  // Nothing within any sensible limit needs 64 bits, and with them a second answer to each question would be there.
  const locator = tail.toString('latin1', Math.max(0, at - ZIP64_LOCATOR_BYTES), at).slice(0, 4);
  if (
    locator === ZIP64_LOCATOR ||
    entries === 0xffff ||
    start === 0xffffffff ||
    directoryBytes === 0xffffffff
  )
    throw new ArchiveRefusedError('zip64');
  if (disk !== 0 || directoryDisk !== 0 || onDisk !== entries) throw new ArchiveRefusedError('malformed');
  const directoryEnd = size - tailBytes + at;
  if (start + directoryBytes > directoryEnd) throw new ArchiveRefusedError('truncated');
  if (start + directoryBytes < directoryEnd) throw new ArchiveRefusedError('hidden-data');
  if (entries > maxEntries) throw new ArchiveRefusedError('too-many-entries');
  // It is all that is held in memory at once.
  if (directoryBytes > entries * (ENTRY_BYTES + maxPathBytes + MAX_EXTRA_BYTES))
    throw new ArchiveRefusedError('hidden-data');
  return { entries, start, end: directoryEnd };
}

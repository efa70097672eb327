import type { FileHandle } from 'node:fs/promises';
import yauzl, { type Entry, type LocalFileHeader } from 'yauzl';
import { ArchiveRefusedError } from '../archive-refused-error.js';

/** The bytes of the file that belong to one entry. */
export interface ZipSpan {
  readonly name: string;
  readonly start: number;
  readonly dataStart: number;
  readonly dataEnd: number;
  /** Behind the data descriptor, when there is one. */
  readonly end: number;
}

const HAS_DESCRIPTOR = 0x0008;
const ZIP64_EXTRA = 0x0001;
const DESCRIPTOR_SIGNATURE = 0x08074b50;

/** Who streams a zip reads the local headers and who seeks reads the directory: they have to say the same. */
export async function readZipSpan(
  file: FileHandle,
  { entry, local, name, limit }: { entry: Entry; local: LocalFileHeader; name: string; limit: number },
): Promise<ZipSpan> {
  if (!local.fileName.equals(entry.fileNameRaw)) throw new ArchiveRefusedError('name-mismatch', name);
  const mismatch = (): ArchiveRefusedError => new ArchiveRefusedError('header-mismatch', name);
  if (yauzl.parseExtraFields(local.extraField).some(({ id }) => id === ZIP64_EXTRA))
    throw new ArchiveRefusedError('zip64', name);
  const sameWay =
    local.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
    local.compressionMethod === entry.compressionMethod;
  if (!sameWay) throw mismatch();
  const described = (entry.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0;
  for (const key of ['crc32', 'compressedSize', 'uncompressedSize'] as const)
    if (local[key] !== entry[key] && !(described && local[key] === 0)) throw mismatch();
  const start = entry.relativeOffsetOfLocalHeader;
  const dataEnd = local.fileDataStart + entry.compressedSize;
  if (dataEnd > limit) throw new ArchiveRefusedError('overlapping-entries', name);
  const end = described ? dataEnd + (await descriptorBytes(file, entry, dataEnd)) : dataEnd;
  if (Number.isNaN(end)) throw mismatch();
  return { name, start, dataStart: local.fileDataStart, dataEnd, end };
}

/** With its signature or without, as both are in use; NaN when it tells something else than the directory. */
async function descriptorBytes(file: FileHandle, entry: Entry, at: number): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(16), 0, 16, at);
  const tells = (from: number): boolean =>
    buffer.readUInt32LE(from) === entry.crc32 &&
    buffer.readUInt32LE(from + 4) === entry.compressedSize &&
    buffer.readUInt32LE(from + 8) === entry.uncompressedSize;
  if (buffer.readUInt32LE(0) === DESCRIPTOR_SIGNATURE && tells(4)) return 16;
  return tells(0) ? 12 : NaN;
}

/** From the first byte to the directory each byte belongs to one entry: none to two, none to nobody. */
export function assertTiled(spans: readonly ZipSpan[], directoryStart: number): void {
  let end = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < end) throw new ArchiveRefusedError('overlapping-entries', span.name);
    if (span.start > end) throw new ArchiveRefusedError('hidden-data', span.name);
    end = span.end;
  }
  if (end > directoryStart) throw new ArchiveRefusedError('overlapping-entries');
  if (end < directoryStart) throw new ArchiveRefusedError('hidden-data');
}

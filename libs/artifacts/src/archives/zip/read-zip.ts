import type { FileHandle } from 'node:fs/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ratioIsTooHigh } from '../archive-limits.js';
import { ArchiveRefusedError } from '../archive-refused-error.js';
import { copyRange, inflateRange } from '../inflate-range.js';
import type { Inspection } from '../inspection.js';
import { checkZipEntry, DEFLATED } from './check-zip-entry.js';
import { readZipDirectory } from './zip-directory.js';
import { assertTiled, readZipSpan, type ZipSpan } from './zip-span.js';

interface OpenFile {
  readonly file: FileHandle;
  readonly size: number;
  readonly path: string;
}

interface Member {
  readonly entry: Entry;
  readonly span: ZipSpan;
  /** From the archive's top; `undefined` for a folder. */
  readonly path?: string;
}

/** First all that the headers say, then the data: a bomb is refused before any of it is unpacked. */
export async function readZip(opened: OpenFile, inspection: Inspection): Promise<void> {
  const directory = await readZipDirectory(opened.file, opened.size, inspection.limits);
  const zip = await reading(
    yauzl.openPromise(opened.path, { autoClose: false, decodeStrings: false, validateEntrySizes: false }),
  );
  try {
    const members = await readMembers(zip, opened.file, directory.start, inspection);
    const named = members.reduce((sum, { entry }) => sum + headerBytes(entry), directory.start);
    if (named !== directory.end) throw new ArchiveRefusedError('hidden-data');
    assertTiled(
      members.map(({ span }) => span),
      directory.start,
    );
    for (const member of members) await readMember(opened.file, member, inspection);
  } finally {
    zip.close();
  }
}

async function readMembers(
  zip: ZipFile,
  file: FileHandle,
  limit: number,
  { ledger, limits }: Inspection,
): Promise<Member[]> {
  const members: Member[] = [];
  const entries = zip.eachEntry();
  for (;;) {
    const step = await reading(entries.next());
    if (step.done) return members;
    const entry = step.value;
    const checked = checkZipEntry(entry);
    const { name } = checked;
    const path = ledger.add(checked);
    if (ratioIsTooHigh(entry.uncompressedSize, entry.compressedSize, limits))
      throw new ArchiveRefusedError('ratio-too-high', name);
    const local = await reading(zip.readLocalFileHeaderPromise(entry));
    const span = await readZipSpan(file, { entry, local, name, limit });
    members.push({ entry, span, ...(checked.kind === 'file' ? { path } : {}) });
  }
}

async function readMember(
  file: FileHandle,
  { entry, span, path }: Member,
  { manifests }: Inspection,
): Promise<void> {
  const { name, dataStart: start, dataEnd: end } = span;
  const take = path === undefined ? undefined : manifests.collect(path);
  let size = 0;
  const each = (chunk: Buffer): void => {
    size += chunk.length;
    // What the headers promised was within the limits.
    if (size > entry.uncompressedSize) throw new ArchiveRefusedError('size-mismatch', name);
    take?.(chunk);
  };
  const isDeflated = entry.compressionMethod === DEFLATED;
  const found = isDeflated
    ? await inflateRange(file, { start, end, entry: name }, each)
    : await copyRange(file, { start, end }, each);
  if (found.unpacked !== entry.uncompressedSize) throw new ArchiveRefusedError('size-mismatch', name);
  if (found.packed !== entry.compressedSize) throw new ArchiveRefusedError('hidden-data', name);
  if (found.crc !== entry.crc32) throw new ArchiveRefusedError('bad-checksum', name);
}

const headerBytes = (entry: Entry): number =>
  46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;

/** yauzl has no codes for what it finds wrong. */
async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw error;
    const reason = /encryption/.test(message)
      ? 'encrypted'
      : /EOF|overflows/.test(message)
        ? 'truncated'
        : 'malformed';
    throw new ArchiveRefusedError(reason, undefined, { cause: error });
  }
}

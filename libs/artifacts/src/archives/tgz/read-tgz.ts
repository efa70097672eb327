import type { FileHandle } from 'node:fs/promises';
import { ArchiveRefusedError } from '../archive-refused-error.js';
import { inflateRange, readBytes } from '../inflate-range.js';
import type { Inspection } from '../inspection.js';
import { gzipHeaderLength } from './gzip-header.js';
import { TarReader } from './tar-reader.js';

const TRAILER_BYTES = 8;

/** One gzip member and nothing after it: who reads on, and who stops, would see different archives. */
export async function readTgz(
  { file, size }: { file: FileHandle; size: number },
  inspection: Inspection,
): Promise<void> {
  const start = await gzipHeaderLength(file);
  const tar = new TarReader(inspection);
  let stream = 0;
  const { packed, unpacked, crc } = await inflateRange(file, { start, end: size }, (chunk) => {
    stream += chunk.length;
    inspection.ledger.assertUnpacked(stream);
    return tar.write(chunk);
  });
  const end = start + packed + TRAILER_BYTES;
  if (size > end) throw new ArchiveRefusedError('trailing-data');
  const trailer = await readBytes(file, end - TRAILER_BYTES, TRAILER_BYTES);
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== unpacked % 2 ** 32)
    throw new ArchiveRefusedError('bad-checksum');
  await tar.end();
}

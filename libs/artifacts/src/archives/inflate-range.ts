import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { ArchiveRefusedError } from './archive-refused-error.js';

/** Each one is a way to the thread pool and back: small ones cost more than what is in them. */
const CHUNK = 512 * 1024;

export interface Inflated {
  /** How many packed bytes there were until the end of the data, which says itself where it is. */
  readonly packed: number;
  readonly unpacked: number;
  readonly crc: number;
}

/** Unpacks deflated data that begins at `start` and ends, at the latest, before `end`. */
export async function inflateRange(
  file: FileHandle,
  { start, end, entry }: { start: number; end: number; entry?: string },
  each: (chunk: Buffer) => void | Promise<void>,
): Promise<Inflated> {
  const inflate = createInflateRaw({ chunkSize: CHUNK });
  let [unpacked, crc] = [0, 0];
  if (end <= start) throw new ArchiveRefusedError('truncated', entry);
  const source = Readable.from(chunksOf(file, start, end), { objectMode: false });
  // The loop below sees the error of either.
  pipeline(source, inflate, () => undefined);
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      crc = crc32(chunk, crc);
      await each(chunk);
    }
  } catch (error) {
    throw refusalOf(error, entry);
  } finally {
    source.destroy();
    inflate.destroy();
  }
  return { packed: inflate.bytesWritten, unpacked, crc };
}

function refusalOf(error: unknown, entry?: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new ArchiveRefusedError('truncated', entry, { cause: error });
  if (code === 'Z_DATA_ERROR') return new ArchiveRefusedError('corrupt', entry, { cause: error });
  return error;
}

/** The stored form of the same: as it is. */
export async function copyRange(
  file: FileHandle,
  { start, end }: { start: number; end: number },
  each: (chunk: Buffer) => void | Promise<void>,
): Promise<Inflated> {
  let [unpacked, crc] = [0, 0];
  for await (const chunk of chunksOf(file, start, end)) {
    unpacked += chunk.length;
    crc = crc32(chunk, crc);
    await each(chunk);
  }
  return { packed: unpacked, unpacked, crc };
}

/** Not the handle's own stream, which closes the handle. */
async function* chunksOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const length = Math.min(CHUNK, end - at);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    if (bytesRead === 0) throw new ArchiveRefusedError('truncated');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Exactly these bytes; a file that ends before them is not whole. */
export async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new ArchiveRefusedError('truncated');
  return buffer;
}

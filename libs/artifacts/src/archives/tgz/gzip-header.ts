import type { FileHandle } from 'node:fs/promises';
import { ArchiveRefusedError } from '../archive-refused-error.js';

const FIXED_BYTES = 10;
const DEFLATE = 8;
const [HEADER_CRC, EXTRA, NAME, COMMENT, RESERVED] = [0x02, 0x04, 0x08, 0x10, 0xe0];
/** Names and comments are short; a longer header hides something. */
const MAX_HEADER_BYTES = 4096;

/** Where the deflated data begins. */
export async function gzipHeaderLength(file: FileHandle): Promise<number> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0);
  const header = buffer.subarray(0, bytesRead);
  const need = (length: number): number => {
    if (length <= header.length) return length;
    throw new ArchiveRefusedError(bytesRead < MAX_HEADER_BYTES ? 'truncated' : 'malformed');
  };
  let length = need(FIXED_BYTES);
  const flags = header.readUInt8(3);
  if (header.readUInt8(2) !== DEFLATE || (flags & RESERVED) !== 0) throw new ArchiveRefusedError('malformed');
  if (flags & EXTRA) length = need(need(length + 2) + header.readUInt16LE(length));
  for (const flag of [NAME, COMMENT])
    if (flags & flag) {
      const end = header.indexOf(0, length);
      length = end < 0 ? need(MAX_HEADER_BYTES + 1) : end + 1;
    }
  return flags & HEADER_CRC ? need(length + 2) : length;
}

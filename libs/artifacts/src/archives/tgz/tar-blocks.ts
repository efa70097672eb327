import { ArchiveRefusedError } from '../archive-refused-error.js';
import { decodeName } from '../check-entry-name.js';
import type { ArchiveEntry } from '../entry-ledger.js';
import { readPaxRecords, type PaxRecords } from './pax-records.js';
import { BLOCK, isZeroBlock, readTarHeader, type TarHeader } from './tar-header.js';

const MAX_DESCRIPTION_BYTES = 64 * 1024;
const NAME_FIELD_BYTES = 100;
/** Tapes are padded to records; a mebibyte of nothing is no padding but work for us. */
const MOST_ZERO_BLOCKS = 2048;

/** Walks the blocks of a tar stream as they are, and tells each entry's header before its bytes come. */
export class TarBlocks {
  readonly #onEntry: (entry: ArchiveEntry) => void;
  #rest: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;
  #describing: { header: TarHeader; left: number; chunks: Buffer[] } | undefined;
  #next: PaxRecords = {};
  #described = false;
  #zeroBlocks = 0;

  constructor(onEntry: (entry: ArchiveEntry) => void) {
    this.#onEntry = onEntry;
  }

  get atEnd(): boolean {
    return this.#zeroBlocks >= 2;
  }

  write(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, bytes.length - at);
        this.#describe(bytes.subarray(at, at + step));
        this.#bodyLeft -= step;
        at += step;
        if (this.#bodyLeft === 0) this.#endDescription();
      } else if (bytes.length - at < BLOCK) break;
      else {
        this.#block(bytes.subarray(at, at + BLOCK));
        at += BLOCK;
      }
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  end(): void {
    if (this.#rest.length > 0 || this.#bodyLeft > 0 || this.#described || !this.atEnd)
      throw new ArchiveRefusedError('truncated');
  }

  #block(block: Buffer): void {
    if (isZeroBlock(block)) {
      if (this.#described) throw new ArchiveRefusedError('malformed');
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks > MOST_ZERO_BLOCKS) throw new ArchiveRefusedError('hidden-data');
      return;
    }
    // Some stop at the first empty block, some at the second, some nowhere.
    if (this.#zeroBlocks > 0) throw new ArchiveRefusedError('hidden-data');
    const header = readTarHeader(block);
    this.#bodyLeft = Math.ceil(header.size / BLOCK) * BLOCK;
    if (header.type === '0' || header.type === '5') this.#entry(header);
    else this.#beginDescription(header);
  }

  #entry(header: TarHeader): void {
    const { path: name = header.name, size = String(header.size) } = this.#next;
    // A long name is for what does not fit; anywhere else it is one name for this reader and one for that.
    if (name !== header.name && Buffer.byteLength(name) <= NAME_FIELD_BYTES)
      throw new ArchiveRefusedError('pax-override', `${header.name}: ${name}`);
    if (size !== String(header.size)) throw new ArchiveRefusedError('pax-override', `${name}: size`);
    if (name.endsWith('/') && header.type === '0') throw new ArchiveRefusedError('malformed', name);
    this.#next = {};
    this.#described = false;
    this.#onEntry({ name, kind: header.type === '5' ? 'folder' : 'file', size: header.size });
  }

  #beginDescription(header: TarHeader): void {
    if (header.size === 0 || header.size > MAX_DESCRIPTION_BYTES || (this.#described && header.type !== 'g'))
      throw new ArchiveRefusedError('malformed', header.name);
    if (header.type !== 'g') this.#described = true;
    this.#describing = { header, left: header.size, chunks: [] };
  }

  #describe(bytes: Buffer): void {
    const describing = this.#describing;
    if (!describing) return;
    const part = bytes.subarray(0, describing.left);
    describing.left -= part.length;
    describing.chunks.push(Buffer.from(part));
  }

  #endDescription(): void {
    if (!this.#describing) return;
    const { header, chunks } = this.#describing;
    this.#describing = undefined;
    const body = Buffer.concat(chunks);
    if (header.type === 'L') this.#next = { path: longNameOf(body, header) };
    else if (header.type === 'x') this.#next = readPaxRecords(body, header.name, false);
    else readPaxRecords(body, header.name, true);
  }
}

function longNameOf(body: Buffer, header: TarHeader): string {
  const end = body.indexOf(0);
  if (end < 0 || body.subarray(end).some((byte) => byte !== 0))
    throw new ArchiveRefusedError('malformed', header.name);
  return decodeName(body.subarray(0, end));
}

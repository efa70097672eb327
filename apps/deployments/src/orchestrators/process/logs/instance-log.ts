import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { open, readdir, readFile, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LogChunk } from '../../orchestrator.js';
import { writeAtomically } from '../system/write-atomically.js';

export interface LogLimits {
  /** Of the file that is written now; it may be more until somebody looks. */
  readonly maxBytes: number;
  /** How many older parts are kept, of at most four times that size: twice, and what came while they were cut. */
  readonly olderParts: number;
}

interface Part {
  readonly path: string;
  readonly start: number;
  readonly size: number;
}

const CURRENT = 'current.log';
const BASE = 'base.json';
/** So many times its length, a file has not only grown a little between two looks. */
const FLOOD = 2;
/** Who writes faster than it can be copied is not waited for. */
const ATTEMPTS = 3;
const DEFAULT_READ = 256 * 1024;

/**
 * What one instance writes to stdout and stderr. It writes into the file by itself, so that nothing is lost and nothing blocks
 * while the platform is away. That file can only be cut from the front while it is written by copying it and setting its length
 * to 0 (the instance appends, so that it goes on at the new end); what comes in between is lost, and counted as dropped.
 */
export class InstanceLog {
  readonly #folder: string;
  readonly #limits: LogLimits;
  /** The offset of the current file's first byte. */
  #base = 0;
  #older: Part[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string, limits: LogLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Looks how far an earlier platform came, in the middle of a cut perhaps. */
  async open(): Promise<this> {
    this.#base = await readBase(this.#path(BASE));
    for (const name of (await readdir(this.#folder)).sort()) {
      const start = /^older-(\d+)\.log$/.exec(name)?.[1];
      if (start !== undefined)
        this.#older.push({
          path: this.#path(name),
          start: Number(start),
          size: await sizeOf(this.#path(name)),
        });
      else if (name !== CURRENT && name !== BASE) await rm(this.#path(name), { force: true });
    }
    this.#older.sort((a, b) => a.start - b.start);
    const last = this.#older.at(-1);
    if (last && last.start >= this.#base) {
      if (await isCopyOf(last.path, this.#path(CURRENT), last.start - this.#base))
        await truncate(this.#path(CURRENT), 0);
      await this.#moveBase(last.start + last.size);
    }
    return this;
  }

  /** What the instance gets as its stdout and stderr. */
  openForWriting(): Promise<FileHandle> {
    return open(this.#path(CURRENT), 'a', 0o600);
  }

  /** Cuts when it has become too long. Answers whether there is more than at the last time. */
  tend(): Promise<void> {
    return this.#inTurn(async () => {
      const size = await sizeOf(this.#path(CURRENT));
      if (size > this.#limits.maxBytes) await this.#cut();
    });
  }

  read(fromOffset: number, maxBytes = DEFAULT_READ): Promise<LogChunk> {
    return this.#inTurn(async () => {
      const current = {
        path: this.#path(CURRENT),
        start: this.#base,
        size: await sizeOf(this.#path(CURRENT)),
      };
      const part = [...this.#older, current].find(({ start, size }) => fromOffset < start + size);
      // Beyond the end there is nothing yet.
      if (!part) return { bytes: Buffer.alloc(0), nextOffset: current.start + current.size, dropped: 0 };
      const from = Math.max(fromOffset, part.start);
      const bytes = await readFrom(
        part.path,
        from - part.start,
        Math.min(maxBytes, part.start + part.size - from),
      );
      return { bytes, nextOffset: from + bytes.length, dropped: from - fromOffset };
    });
  }

  /** Of a flood only the end is kept: it is what was written last that tells why. */
  async #cut(): Promise<void> {
    const { maxBytes, olderParts } = this.#limits;
    const unfinished = this.#path('older.unfinished');
    let [from, copied] = [0, 0];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      copied = await sizeOf(this.#path(CURRENT));
      from = Math.max(0, copied - FLOOD * maxBytes);
      await pipeline(
        createReadStream(this.#path(CURRENT), { start: from, end: copied - 1 }),
        createWriteStream(unfinished, { mode: 0o600 }),
      );
      if (sizeNow(this.#path(CURRENT)) - copied <= maxBytes) break;
    }
    const start = this.#base + from;
    const path = this.#path(`older-${String(start).padStart(16, '0')}.log`);
    const { taken, gone } = moveRest({
      from: this.#path(CURRENT),
      to: unfinished,
      as: path,
      copied,
      atMost: maxBytes,
    });
    await this.#moveBase(this.#base + gone);
    this.#older.push({ path, start, size: taken - from });
    for (const dropped of this.#older.splice(0, this.#older.length - olderParts))
      await rm(dropped.path, { force: true });
  }

  async #moveBase(base: number): Promise<void> {
    this.#base = base;
    await writeAtomically(this.#path(BASE), JSON.stringify(base));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

async function readBase(path: string): Promise<number> {
  try {
    return Number(await readFile(path, 'utf8')) || 0;
  } catch {
    return 0;
  }
}

const sizeNow = (path: string): number => statSync(path).size;

interface Move {
  readonly from: string;
  readonly to: string;
  /** What the copy is called once it is whole. */
  readonly as: string;
  readonly copied: number;
  readonly atMost: number;
}

/**
 * Copies what has been added since, and empties the file. Nothing of ours comes in between, and of the writer's only what it
 * writes between two calls to the kernel.
 */
function moveRest({ from, to, as, copied, atMost }: Move): { taken: number; gone: number } {
  let taken = copied;
  const appendRest = (path: string): void => {
    const length = Math.min(sizeNow(from) - taken, atMost);
    if (length <= 0) return;
    const source = openSync(from, 'r');
    try {
      const rest = Buffer.alloc(length);
      const bytes = readSync(source, rest, 0, length, taken);
      appendFileSync(path, rest.subarray(0, bytes));
      taken += bytes;
    } finally {
      closeSync(source);
    }
  };
  appendRest(to);
  renameSync(to, as);
  appendRest(as);
  const gone = sizeNow(from);
  truncateSync(from, 0);
  return { taken, gone };
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function readFrom(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Whether the file was copied from that position on, and not cut afterwards. */
async function isCopyOf(copy: string, file: string, position: number): Promise<boolean> {
  const [copied, there] = await Promise.all([
    readFrom(copy, 0, 4096),
    readFrom(file, position, 4096).catch(() => Buffer.alloc(0)),
  ]);
  return copied.length > 0 && there.subarray(0, copied.length).equals(copied);
}

import { createHash } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { isUint8Array } from 'node:util/types';
import { orUnavailable } from '../artifact-store-unavailable-error.js';
import type { Digest } from '../digest.js';
import { ownedName } from './file-owner.js';
import { ReceiveError } from './receive-error.js';
import type { StagedArtifact } from './staged-artifact.js';
import { sweepFolder } from './sweep-folder.js';

export interface ReceiveOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** The folder in which an upload or a download lies until it is looked at and kept, or thrown away. */
export class Staging {
  readonly #folder: string;
  readonly #held = new Set<string>();

  constructor(options: { readonly folder: string }) {
    this.#folder = options.folder;
  }

  /** A body that is refused is left paused, not destroyed: the answer may go out on the same connection. */
  async receive(body: Readable, options: ReceiveOptions): Promise<StagedArtifact> {
    const path = join(this.#folder, `${ownedName()}.part`);
    this.#held.add(path);
    try {
      const written = await this.#write(path, body, options);
      return { ...written, path, discard: () => this.#discard(path) };
    } catch (error) {
      // What cannot be removed now is for the sweep; the first failure is the one to tell.
      await this.#discard(path).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Removes what processes that are gone left behind, and what is too old to be anybody's; what this one still holds
   * stays, whatever its age.
   */
  async sweep(olderThanMs: number): Promise<number> {
    return sweepFolder(this.#folder, olderThanMs, this.#held);
  }

  async #write(
    path: string,
    body: Readable,
    options: ReceiveOptions,
  ): Promise<{ digest: Digest; size: number }> {
    const file = await orUnavailable('stage', async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return open(path, 'wx', 0o600);
    });
    try {
      return await copy(body, file, options);
    } finally {
      await file.close();
    }
  }

  async #discard(path: string): Promise<void> {
    this.#held.delete(path);
    await rm(path, { force: true });
  }
}

async function copy(
  body: Readable,
  file: FileHandle,
  { maxBytes, signal }: ReceiveOptions,
): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  // One chunk is hashed while the one before is written.
  let written: Promise<void> = Promise.resolve();
  for await (const chunk of chunksOf(body, signal)) {
    size += chunk.length;
    if (size > maxBytes) throw new ReceiveError('too-large');
    await written;
    written = orUnavailable('stage', () => file.writeFile(chunk));
    // Told where it is waited for: an early end must not leave it unheard.
    written.catch(() => undefined);
    hash.update(chunk);
  }
  await written;
  if (signal?.aborted) throw new ReceiveError('aborted', { cause: signal.reason });
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

/** Whatever the source says when it fails, there are only two stories: somebody gave up, or the body is not whole. */
async function* chunksOf(body: Readable, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal) addAbortSignal(signal, body);
  const chunks = body.iterator({ destroyOnReturn: false });
  const next = (): Promise<IteratorResult<unknown>> =>
    chunks.next().catch((error: unknown) => {
      throw new ReceiveError(signal?.aborted ? 'aborted' : 'cut-short', { cause: error });
    });
  try {
    for (let step = await next(); !step.done; step = await next()) {
      if (!isUint8Array(step.value))
        throw new TypeError('an artefact is received as bytes, not as text or objects');
      yield step.value;
    }
  } finally {
    await chunks.return?.();
  }
}

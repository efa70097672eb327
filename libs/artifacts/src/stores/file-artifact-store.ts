import { copyFile, link, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { ArtifactRangeError, assertRange } from '../artifact-range-error.js';
import type { ArtifactStore, ByteRange, StoredArtifact } from '../artifact-store.js';
import { orUnavailable } from '../artifact-store-unavailable-error.js';
import { hexOf, isDigest, type Digest } from '../digest.js';
import { ownedName } from '../staging/file-owner.js';
import { assertUnchanged, type StagedArtifact } from '../staging/staged-artifact.js';
import { sweepFolder } from '../staging/sweep-folder.js';
import { readExactly } from './read-exactly.js';

/** `{root}/blobs/sha256/ab/abcdef…`, and `{root}/incoming` for what is on its way there. */
export class FileArtifactStore implements ArtifactStore {
  readonly kind = 'files';
  readonly #blobs: string;
  readonly #incoming: string;
  readonly #held = new Set<string>();

  constructor(options: { readonly root: string }) {
    this.#blobs = join(options.root, 'blobs', 'sha256');
    this.#incoming = join(options.root, 'incoming');
  }

  async keep(staged: StagedArtifact): Promise<void> {
    const target = this.#pathOf(staged.digest);
    await assertUnchanged(staged);
    await orUnavailable('keep', async () => {
      for (const folder of [this.#incoming, dirname(target)])
        await mkdir(folder, { recursive: true, mode: 0o700 });
      const own = join(this.#incoming, ownedName());
      this.#held.add(own);
      try {
        await linkOrCopy(staged.path, own);
        await renewAndSync(own, staged.size);
        // Over whatever is there: the same bytes, or what a broken disk made of them.
        await rename(own, target);
      } finally {
        // To rename one link of a file over another does nothing.
        await rm(own, { force: true });
        this.#held.delete(own);
      }
      // Each of these may be new; without their entries a power cut would lose the blob.
      for (const folder of [dirname(target), this.#blobs, dirname(this.#blobs), dirname(this.#incoming)])
        await syncFolder(folder);
    });
  }

  async stat(digest: Digest): Promise<{ size: number } | undefined> {
    const path = this.#pathOf(digest);
    const found = await orUnavailable('stat', () => unlessMissing(stat(path)));
    return found && { size: found.size };
  }

  async open(digest: Digest, range?: ByteRange): Promise<Readable | undefined> {
    if (range) assertRange(range);
    const path = this.#pathOf(digest);
    const file = await orUnavailable('open', () => unlessMissing(open(path, 'r')));
    if (file === undefined) return undefined;
    try {
      const { size } = await orUnavailable('open', () => file.stat());
      if (range && range.start >= size) throw new ArtifactRangeError(range);
      const { start, end } = range ?? { start: 0, end: size - 1 };
      const last = Math.min(end, size - 1);
      // An empty artefact has no last byte, which a read stream cannot be told.
      return readExactly(file.createReadStream({ start, end: Math.max(last, start) }), last - start + 1);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async remove(digest: Digest): Promise<boolean> {
    const path = this.#pathOf(digest);
    return orUnavailable('remove', async () => {
      if ((await unlessMissing(rm(path).then(() => true))) === undefined) return false;
      await syncFolder(dirname(path));
      return true;
    });
  }

  async *list(): AsyncGenerator<StoredArtifact> {
    for await (const shard of entriesOf(this.#blobs))
      for await (const name of entriesOf(join(this.#blobs, shard))) {
        const digest = `sha256:${name}`;
        if (!isDigest(digest)) continue;
        // May have been removed since its name was read.
        const found = await orUnavailable('list', () => unlessMissing(stat(this.#pathOf(digest))));
        if (found) yield { digest, size: found.size, storedAt: found.mtime };
      }
  }

  /** Removes what processes that were killed while keeping left behind. */
  async sweep(olderThanMs: number): Promise<number> {
    return sweepFolder(this.#incoming, olderThanMs, this.#held);
  }

  #pathOf(digest: Digest): string {
    const hex = hexOf(digest);
    return join(this.#blobs, hex.slice(0, 2), hex);
  }
}

/** No bytes move when staging is on the same file system; on another one, or on one without links, they are copied. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
  }
}

async function renewAndSync(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    if ((await file.stat()).size !== size) throw new Error('it was changed while it was kept');
    await file.chmod(0o600);
    const now = new Date();
    await file.utimes(now, now);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function* entriesOf(folder: string): AsyncGenerator<string> {
  const entries = await orUnavailable('list', () => unlessMissing(opendir(folder)));
  if (entries === undefined) return;
  for await (const entry of entries) yield entry.name;
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
}

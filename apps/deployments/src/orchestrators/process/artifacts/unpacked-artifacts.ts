import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchiveLimits, Digest } from '@switchyard/artifacts';
import { writeAtomically } from '../system/write-atomically.js';
import { removeReadOnly } from './remove-read-only.js';
import { unpackArchive } from './unpack-archive.js';

export interface UnpackedArtifactsOptions {
  readonly folder: string;
  readonly limits: ArchiveLimits;
  readonly fetchArtifact: (digest: Digest) => Promise<string>;
}

interface Unpacked {
  readonly digest: Digest;
  /** A folder with a name that nobody can guess, in one that nobody can list: the key of those who run what is in it. */
  readonly folder: string;
  /** The plugin's own root in it. */
  readonly root: string;
}

const INDEX = 'index.json';

/** Each artefact is unpacked once for all that run it, and kept while somebody needs it. */
export class UnpackedArtifacts {
  readonly #options: UnpackedArtifactsOptions;
  readonly #unpacked = new Map<Digest, Unpacked>();
  readonly #unpacking = new Map<Digest, Promise<string>>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: UnpackedArtifactsOptions) {
    this.#options = options;
  }

  /** Whatever is not needed, or was not unpacked to its end, is removed. */
  static async open(
    options: UnpackedArtifactsOptions,
    needed: ReadonlySet<Digest>,
  ): Promise<UnpackedArtifacts> {
    const artifacts = new UnpackedArtifacts(options);
    await mkdir(options.folder, { recursive: true, mode: 0o711 });
    for (const each of await readIndex(join(options.folder, INDEX)))
      if (needed.has(each.digest)) artifacts.#unpacked.set(each.digest, each);
    const kept = new Set([INDEX, ...[...artifacts.#unpacked.values()].map(({ folder }) => folder)]);
    const there = await readdir(options.folder);
    for (const name of there) if (!kept.has(name)) await removeReadOnly(join(options.folder, name));
    for (const [digest, { folder }] of artifacts.#unpacked)
      if (!there.includes(folder)) artifacts.#unpacked.delete(digest);
    await artifacts.#writeIndex();
    return artifacts;
  }

  /** The plugin's root. */
  async rootOf(digest: Digest): Promise<string> {
    const there = this.#unpacked.get(digest);
    if (there) return this.#pathOf(there);
    const unpacking = this.#unpacking.get(digest) ?? this.#unpack(digest);
    this.#unpacking.set(digest, unpacking);
    return unpacking.finally(() => this.#unpacking.delete(digest));
  }

  async keepOnly(needed: ReadonlySet<Digest>): Promise<void> {
    const gone = [...this.#unpacked.values()].filter(({ digest }) => !needed.has(digest));
    if (gone.length === 0) return;
    for (const { digest } of gone) this.#unpacked.delete(digest);
    await this.#writeIndex();
    for (const { folder } of gone) await removeReadOnly(join(this.#options.folder, folder));
  }

  async #unpack(digest: Digest): Promise<string> {
    const archive = await this.#options.fetchArtifact(digest);
    await assertDigest(archive, digest);
    const folder = randomBytes(16).toString('hex');
    const path = join(this.#options.folder, folder);
    const unfinished = `${path}.unfinished`;
    try {
      const root = await unpackArchive(archive, unfinished, this.#options.limits);
      await rename(unfinished, path);
      const unpacked = { digest, folder, root };
      this.#unpacked.set(digest, unpacked);
      await this.#writeIndex();
      return this.#pathOf(unpacked);
    } catch (error) {
      await removeReadOnly(unfinished);
      throw error;
    }
  }

  #pathOf({ folder, root }: Unpacked): string {
    return join(this.#options.folder, folder, root);
  }

  /** One after the other, each with what is true by then. */
  #writeIndex(): Promise<void> {
    const written = this.#writing.then(() =>
      writeAtomically(join(this.#options.folder, INDEX), JSON.stringify([...this.#unpacked.values()])),
    );
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

async function readIndex(path: string): Promise<readonly Unpacked[]> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Unpacked[];
  } catch {
    await rm(path, { force: true });
    return [];
  }
}

async function assertDigest(path: string, digest: Digest): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new Error(`The artefact's bytes are ${found}, and not ${digest}`);
}

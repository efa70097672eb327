import type { ArchiveLimits } from './archive-limits.js';
import { ArchiveRefusedError } from './archive-refused-error.js';

const MANIFESTS: readonly string[] = ['switchyard.json', 'package.json'];

interface Candidate {
  readonly folder: string;
  readonly name: string;
  readonly chunks: Buffer[];
  bytes: number;
}

/**
 * Where the root is shows only at the end. So what could be a manifest is kept of the top and of the first folder only:
 * with a second folder no folder is the root.
 */
export class ManifestCollector {
  readonly #limits: ArchiveLimits;
  readonly #candidates: Candidate[] = [];
  #folder: string | undefined;

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  /** What to call with the bytes of the file at `path`, if they matter. */
  collect(path: string): ((chunk: Buffer) => void) | undefined {
    const [name = '', folder = '', ...deeper] = path.split('/').reverse();
    if (folder !== '' && deeper.length === 0) this.#folder ??= folder;
    if (deeper.length > 0 || !MANIFESTS.includes(name) || (folder !== '' && folder !== this.#folder))
      return undefined;
    const candidate: Candidate = { folder, name, chunks: [], bytes: 0 };
    this.#candidates.push(candidate);
    return (chunk) => {
      candidate.bytes += chunk.length;
      // A copy: a parser's chunk is a view of something larger.
      if (candidate.bytes <= this.#limits.maxManifestBytes) candidate.chunks.push(Buffer.from(chunk));
      else candidate.chunks.length = 0;
    };
  }

  /** The top, unless everything lies in one folder that has a manifest: `package/` of npm, or of a zipped folder. */
  finish(onlyFolder: string | undefined): { root: string; files: Map<string, Buffer> } {
    const inFolder = this.#candidates.filter(({ folder }) => folder === onlyFolder);
    const chosen = inFolder.length > 0 ? inFolder : this.#candidates.filter(({ folder }) => folder === '');
    const root = inFolder.length > 0 ? `${onlyFolder ?? ''}/` : '';
    const files = new Map<string, Buffer>();
    for (const { name, bytes, chunks } of chosen) {
      if (bytes > this.#limits.maxManifestBytes)
        throw new ArchiveRefusedError('manifest-too-large', `${root}${name}`);
      files.set(name, Buffer.concat(chunks));
    }
    return { root, files };
  }
}

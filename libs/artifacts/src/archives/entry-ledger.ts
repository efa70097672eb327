import { ratioIsTooHigh, type ArchiveLimits } from './archive-limits.js';
import { ArchiveRefusedError } from './archive-refused-error.js';
import { checkEntryName } from './check-entry-name.js';

export interface ArchiveEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
}

interface Place {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** An entry of its own, not only a folder on the way to one. */
  readonly named: boolean;
}

/** What the entries are together: no two in one place, on any file system, and not too much of anything. */
export class EntryLedger {
  readonly #limits: ArchiveLimits;
  readonly #packedBytes: number;
  readonly #places = new Map<string, Place>();
  readonly #tops = new Set<string>();
  entries = 0;
  files = 0;
  unpackedBytes = 0;

  constructor(limits: ArchiveLimits, packedBytes: number) {
    this.#limits = limits;
    this.#packedBytes = packedBytes;
  }

  /** Answers the path that the entry has from the archive's top. */
  add({ name, kind, size }: ArchiveEntry): string {
    this.entries += 1;
    if (this.entries > this.#limits.maxEntries) throw new ArchiveRefusedError('too-many-entries', name);
    const path = checkEntryName(name, this.#limits);
    if (path === '' && kind === 'file') throw new ArchiveRefusedError('bad-name', name);
    if (size > this.#limits.maxEntryBytes) throw new ArchiveRefusedError('entry-too-large', name);
    this.unpackedBytes += size;
    this.assertUnpacked(this.unpackedBytes);
    if (path === '') return path;
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth += 1)
      this.#put({ path: segments.slice(0, depth).join('/'), kind: 'folder', named: false });
    this.#put({ path, kind, named: true });
    if (kind === 'file') this.files += 1;
    this.#tops.add(segments.length === 1 && kind === 'file' ? '' : (segments[0] ?? ''));
    return path;
  }

  /** Of the stream so far: a bomb is stopped while it goes off, not when it is over. */
  assertUnpacked(bytes: number): void {
    if (bytes > this.#limits.maxUnpackedBytes) throw new ArchiveRefusedError('too-large');
    if (ratioIsTooHigh(bytes, this.#packedBytes, this.#limits))
      throw new ArchiveRefusedError('ratio-too-high');
  }

  /** The one folder that everything lies in. */
  get onlyFolder(): string | undefined {
    const [top, ...others] = this.#tops;
    return others.length === 0 && top !== '' ? top : undefined;
  }

  #put(place: Place): void {
    const key = sameAs(place.path);
    const there = this.#places.get(key);
    if (there === undefined) {
      // A few long paths can have more folders on the way than there are entries.
      if (this.#places.size >= 2 * this.#limits.maxEntries)
        throw new ArchiveRefusedError('too-many-entries', place.path);
      this.#places.set(key, place);
      return;
    }
    if (there.path !== place.path) throw new ArchiveRefusedError('name-collision', place.path);
    if (there.kind !== place.kind) throw new ArchiveRefusedError('file-and-folder', place.path);
    if (there.named && place.named) throw new ArchiveRefusedError('duplicate-entry', place.path);
    if (place.named) this.#places.set(key, place);
  }
}

/** Two names with the same key are one file where case or the way a letter is composed does not matter. */
const sameAs = (path: string): string => path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

import { Parser, type ReadEntry } from 'tar';
import { ArchiveRefusedError } from '../archive-refused-error.js';
import type { ArchiveEntry } from '../entry-ledger.js';
import type { Inspection } from '../inspection.js';
import { TarBlocks } from './tar-blocks.js';

interface Announced extends ArchiveEntry {
  readonly path: string;
}

/**
 * Reads the stream twice at once: `TarBlocks` looks at every block and refuses, and what it lets through goes to the
 * parser that plugins are unpacked with. The two have to see the same entries.
 */
export class TarReader {
  readonly #inspection: Inspection;
  readonly #announced: Announced[] = [];
  readonly #blocks: TarBlocks;
  readonly #parser = new Parser({ strict: true });
  #failure: ArchiveRefusedError | undefined;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    this.#blocks = new TarBlocks((entry) => {
      this.#announced.push({ ...entry, path: inspection.ledger.add(entry) });
    });
    this.#parser.on('entry', (entry: ReadEntry) => this.#read(entry));
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => this.#fail('ambiguous', entry.path));
    this.#parser.on('error', (error: Error) => this.#fail('malformed', undefined, error));
  }

  async write(chunk: Buffer): Promise<void> {
    // The parser keeps what comes after the end, for ever.
    const isOver = this.#blocks.atEnd;
    this.#blocks.write(chunk);
    if (!isOver) this.#parser.write(chunk);
    this.#assertSound();
  }

  async end(): Promise<void> {
    this.#blocks.end();
    // Which the parser would not call an archive.
    if (this.#inspection.ledger.entries === 0) throw new ArchiveRefusedError('empty');
    this.#parser.end();
    this.#assertSound();
    if (this.#announced.length > 0) throw new ArchiveRefusedError('ambiguous', this.#announced[0]?.name);
  }

  #read(entry: ReadEntry): void {
    const expected = this.#announced.shift();
    const kind = entry.type === 'Directory' ? 'folder' : 'file';
    if (expected?.name !== entry.path || expected.kind !== kind || expected.size !== entry.size) {
      this.#fail('ambiguous', entry.path);
    } else if (kind === 'file') {
      const take = this.#inspection.manifests.collect(expected.path);
      if (take) entry.on('data', take);
    }
    entry.resume();
  }

  /** The parser would go on, and throwing inside of its events would leave it in between. */
  #fail(reason: 'ambiguous' | 'malformed', entry?: string, cause?: Error): void {
    this.#failure ??= new ArchiveRefusedError(reason, entry, cause && { cause });
  }

  #assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

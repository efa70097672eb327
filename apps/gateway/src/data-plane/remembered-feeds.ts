import { mkdir, readFile, rename, stat, utimes, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FeedEntry, FeedName, FeedVersion, Follow } from '@switchyard/events';
import { z } from 'zod';

export interface RememberedFeedsOptions {
  file: string;
  follow: Follow;
  clock: () => number;
  /** What was last known to be current longer ago is not used. */
  maxStaleMs: number;
  onFailure: (error: unknown) => void;
}

const Remembered = z.object({
  format: z.literal(1),
  feeds: z.record(
    z.string(),
    z.object({
      at: z.object({ epoch: z.number(), version: z.number() }),
      entries: z.array(z.object({ key: z.string(), version: z.number(), data: z.unknown() })),
    }),
  ),
});

interface Known {
  at: FeedVersion;
  entries: Map<string, FeedEntry>;
}

const saveEveryMs = 500;
const touchEveryMs = 10_000;

/**
 * Feeds that outlive the process: followers start with what was last known, from a file, and get what came since. The
 * file's time of change says when the database last confirmed that it is current.
 */
export class RememberedFeeds {
  /** Unix milliseconds; 0 when nothing is known yet. */
  confirmedAt = 0;
  private readonly feeds = new Map<string, Known>();
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();
  private touchedAt = 0;
  private exists = false;

  private constructor(private readonly options: RememberedFeedsOptions) {}

  static async open(options: RememberedFeedsOptions): Promise<RememberedFeeds> {
    const feeds = new RememberedFeeds(options);
    await feeds.load();
    return feeds;
  }

  readonly follow: Follow = (feed, from, handlers) => {
    const known = from === undefined ? this.feeds.get(feed) : undefined;
    if (known) void handlers.onSnapshot([...known.entries.values()], known.at);
    return this.options.follow(feed, known?.at ?? from, {
      onSnapshot: async (entries, at) => {
        await handlers.onSnapshot(entries, at);
        this.feeds.set(feed, { at, entries: new Map(entries.map((entry) => [entry.key, entry])) });
        this.changed();
      },
      onChange: async (entry, at) => {
        await handlers.onChange(entry, at);
        this.keep(feed, at, (entries) => entries.set(entry.key, entry));
      },
      onGone: async (key, at) => {
        await handlers.onGone(key, at);
        this.keep(feed, at, (entries) => entries.delete(key));
      },
    });
  };

  /** The database answered: what is known here is what it holds. */
  confirm(): void {
    this.confirmedAt = this.options.clock();
    if (!this.exists || this.confirmedAt - this.touchedAt < touchEveryMs) return;
    this.touchedAt = this.confirmedAt;
    const seconds = this.confirmedAt / 1000;
    this.queue(() => utimes(this.options.file, seconds, seconds));
  }

  async close(): Promise<void> {
    if (this.timer) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.queue(() => this.save());
    }
    await this.saving;
  }

  private async load(): Promise<void> {
    const { file, clock, maxStaleMs } = this.options;
    try {
      const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
      if (clock() - mtimeMs > maxStaleMs) return;
      const { feeds } = Remembered.parse(JSON.parse(text));
      for (const [feed, { at, entries }] of Object.entries(feeds))
        this.feeds.set(feed, { at, entries: new Map(entries.map((entry) => [entry.key, entry])) });
      this.confirmedAt = mtimeMs;
      this.exists = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.options.onFailure(error);
    }
  }

  private keep(feed: FeedName, at: FeedVersion, change: (entries: Known['entries']) => void): void {
    const known: Known = this.feeds.get(feed) ?? { at, entries: new Map<string, FeedEntry>() };
    change(known.entries);
    known.at = at;
    this.feeds.set(feed, known);
    this.changed();
  }

  private changed(): void {
    this.confirmedAt = this.options.clock();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.queue(() => this.save());
    }, saveEveryMs).unref();
  }

  private queue(work: () => Promise<void>): void {
    this.saving = this.saving.then(work).catch(this.options.onFailure);
  }

  /** Written beside and moved into place: a reader finds the old one or the new one, whole. */
  private async save(): Promise<void> {
    const { file } = this.options;
    const feeds = Object.fromEntries(
      [...this.feeds].map(([feed, { at, entries }]) => [feed, { at, entries: [...entries.values()] }]),
    );
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const beside = `${file}.${process.pid}`;
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ format: 1, feeds }));
      const seconds = this.confirmedAt / 1000;
      await handle.utimes(seconds, seconds);
      await handle.sync();
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    await rename(beside, file);
    this.exists = true;
  }
}

import type { ServiceDatabase } from '@switchyard/database';
import type { EventLogger } from '../event-logger.js';
import type { StopSignal } from '../stop-signal.js';

export interface HousekeeperOptions {
  database: ServiceDatabase;
  everyMs: number;
  retentionMs: number;
  /** At least as long as any transport may bring an event again. */
  inboxMs: number;
  tombstonesMs: number;
  logger: EventLogger;
}

/** Drops what is old and passed by all. Any process may do it, at any time; the database lets one at a time. */
export class Housekeeper {
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: HousekeeperOptions,
    private readonly stop: StopSignal,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async ended(): Promise<void> {
    await this.running;
  }

  async tidy(): Promise<{ dropped: number; heldBy: string[] }> {
    const { database, retentionMs, inboxMs, tombstonesMs } = this.options;
    const kept = await database.withPlatform('event-retention', (tx) =>
      tx.one<{ dropped: number; held_by: string[] }>(
        "SELECT dropped, held_by FROM events.retain($1 * interval '1 ms')",
        [retentionMs],
      ),
    );
    const most = 10_000;
    for (let pruned = most; pruned === most && !this.stop.stopped;)
      pruned = await database.withPlatform(
        'event-retention',
        async (tx) =>
          (
            await tx.one<{ n: number }>("SELECT events.prune_inbox($1 * interval '1 ms', $2) AS n", [
              inboxMs,
              most,
            ])
          )?.n ?? 0,
      );
    await database.withPlatform('event-retention', (tx) =>
      tx.run("SELECT events.prune_feeds($1 * interval '1 ms')", [tombstonesMs]),
    );
    return { dropped: kept?.dropped ?? 0, heldBy: kept?.held_by ?? [] };
  }

  private async run(): Promise<void> {
    while (!this.stop.stopped) {
      await this.stop.pause(this.options.everyMs);
      if (this.stop.stopped) return;
      try {
        const { dropped, heldBy } = await this.tidy();
        if (heldBy.length > 0)
          this.options.logger.warn({ groups: heldBy }, 'these groups keep old events from being dropped');
        if (dropped > 0) this.options.logger.info({ dropped }, 'dropped old partitions of the event log');
      } catch (error) {
        this.options.logger.warn({ err: error }, 'event retention will try again later');
      }
    }
  }
}

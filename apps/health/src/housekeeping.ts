import type { ServiceDatabase, Transaction } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { HealthOptions } from './health-options.js';
import { removeBucketsBefore } from './history/bucket.store.js';
import { forgetBatches } from './samples/batch.store.js';
import { removeSetsGoneBefore } from './sets/set.store.js';

const atOnce = 5_000;

/** Drops the history that is older than is kept. Any number of replicas may do it. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly database: ServiceDatabase,
    private readonly options: HealthOptions,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running ??= this.tidy()
        .catch((error: unknown) =>
          this.logger.error({ err: error }, 'housekeeping failed; it is tried again'),
        )
        .finally(() => (this.running = undefined));
    }, this.options.housekeepingMs).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  async tidy(): Promise<void> {
    const before = this.options.clock() - this.options.retentionMs;
    await this.inParts((tx) => removeBucketsBefore(tx, before, atOnce));
    await this.inParts((tx) => removeSetsGoneBefore(tx, before, atOnce));
    await this.database.withPlatform('housekeeping', forgetBatches);
  }

  private async inParts(remove: (tx: Transaction) => Promise<number>): Promise<void> {
    for (let removed = atOnce; removed >= atOnce && !this.stopped;)
      removed = await this.database.withPlatform('housekeeping', remove);
  }
}

import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import { readLeases, releaseLeases, removeWorker, renewWorker, takeLeases } from './lease.store.js';
import { partitionOf, partitions } from './partition-of.js';
import { planLeases } from './plan-leases.js';

export interface PartitionLeasesOptions {
  database: ServiceDatabase;
  worker: string;
  logger: Logger;
  /** Ownership has changed. */
  onChange: () => void;
  renewMs?: number;
  lifeMs?: number;
}

/** Which sets this process checks and keeps: each partition of them has one live holder. */
export class PartitionLeases {
  private held: ReadonlySet<number> = new Set();
  /** By our own clock, always earlier than the database's: a process that stood still holds nothing when it goes on. */
  private validUntil = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: PartitionLeasesOptions) {}

  async start(): Promise<void> {
    await this.renew();
  }

  owns(setId: string): boolean {
    return performance.now() < this.validUntil && this.held.has(partitionOf(setId));
  }

  get mine(): number[] {
    return performance.now() < this.validUntil ? [...this.held] : [];
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    this.held = new Set();
    const { database, worker, logger } = this.options;
    await database
      .withPlatform('share out health checks', (tx) => removeWorker(tx, worker))
      .catch((error: unknown) => logger.warn({ err: error }, 'health checks are taken over a little later'));
  }

  /** Renews, and takes or gives back. Also for tests, that do not wait for the time. */
  async renew(): Promise<void> {
    this.running ??= this.renewOnce()
      .catch((error: unknown) =>
        this.options.logger.warn({ err: error }, 'leases of health checks could not be renewed'),
      )
      .finally(() => {
        this.running = undefined;
        if (this.stopped) return;
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.renew(), this.options.renewMs ?? 2_000).unref();
      });
    await this.running;
  }

  private async renewOnce(): Promise<void> {
    const { database, worker, lifeMs = 6_000, onChange } = this.options;
    const asked = performance.now();
    const held = await database.withPlatform('share out health checks', async (tx) => {
      const workers = await renewWorker(tx, worker, lifeMs);
      const { mine, free } = await readLeases(tx, worker);
      const { take, release } = planLeases(mine, free, workers, partitions);
      if (release.length > 0) await releaseLeases(tx, worker, release);
      const taken = take.length > 0 ? await takeLeases(tx, worker, take) : [];
      return new Set([...mine.filter((partition) => !release.includes(partition)), ...taken]);
    });
    const lapsed = asked >= this.validUntil;
    const same = !lapsed && held.size === this.held.size && [...held].every((each) => this.held.has(each));
    this.held = held;
    this.validUntil = asked + lifeMs;
    if (!same) onChange();
  }
}

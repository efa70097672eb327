import type { ServiceDatabase } from '@switchyard/database';
import type { Clock } from '../clock.js';
import type { EventLogger } from '../event-logger.js';
import { retryDelay } from '../retry-delay.js';
import type { EventCounters } from '../stats/event-counters.js';
import type { StopSignal } from '../stop-signal.js';
import { WakeSignal } from '../wake-signal.js';
import { LeaseLost } from './failure.js';
import { GroupLeases, type Lease } from './group-leases.js';
import { readLog, type LoggedEvent } from './read-log.js';

/** What becomes of a partition's next events: handlers, or Kafka. Moves the lease's cursor itself, as it commits. */
export type PartitionSink = (lease: Lease, events: readonly LoggedEvent[], stop: StopSignal) => Promise<void>;

export interface GroupConsumerOptions {
  database: ServiceDatabase;
  group: string;
  member: string;
  partitions: number;
  leaseMs: number;
  batchSize: number;
  /** The event types whose data the sink needs; null for all. */
  types: readonly string[] | null;
  sink: PartitionSink;
  /** Whether wake-ups from other processes reach us; if not, we look more often. */
  listening: () => boolean;
  clock: Clock;
  logger: EventLogger;
  counters: EventCounters;
}

interface Held {
  lease: Lease;
  busy: Promise<void> | undefined;
  release: boolean;
}

/** Reads the log for one group in this process: its leased partitions side by side, each of them in order. */
export class GroupConsumer {
  private readonly leases: GroupLeases;
  private readonly wake = new WakeSignal();
  private readonly held = new Map<number, Held>();
  private nextRenewal = 0;
  private failures = 0;
  private idlePoll = 20;
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: GroupConsumerOptions,
    private readonly stop: StopSignal,
  ) {
    this.leases = new GroupLeases(options);
  }

  start(): void {
    this.stop.onStop(() => this.wake.raise());
    this.running = this.run();
  }

  /** There may be something new. */
  hint(kind: 'log' | 'members' = 'log'): void {
    if (kind === 'members') this.nextRenewal = 0;
    this.idlePoll = 20;
    this.wake.raise();
  }

  get group(): string {
    return this.options.group;
  }

  get partitions(): number[] {
    return [...this.held.keys()].sort((a, b) => a - b);
  }

  /** After the stop signal: waits for what runs, and gives the partitions back. */
  async ended(): Promise<void> {
    await this.running;
    await Promise.all([...this.held.values()].map((held) => held.busy ?? Promise.resolve()));
    await this.leases.leave().catch(() => undefined);
    this.held.clear();
  }

  private async run(): Promise<void> {
    let joined = false;
    while (!this.stop.stopped) {
      try {
        if (!joined) await this.leases.join();
        joined = true;
        if (this.options.clock.now() >= this.nextRenewal) await this.renew();
        const found = await this.dispatch();
        this.failures = 0;
        if (!found) await this.sleep();
      } catch (error) {
        this.failures += 1;
        const delay = retryDelay(
          { firstDelayMs: 50, maxDelayMs: 2_000 },
          this.failures,
          this.options.clock.random(),
        );
        this.options.logger.warn(
          { group: this.options.group, err: error, delay },
          'reading the event log failed',
        );
        await this.stop.pause(delay);
      }
    }
  }

  private async sleep(): Promise<void> {
    const untilRenewal = this.nextRenewal - this.options.clock.now();
    const longest = this.options.listening() ? 1_000 : this.idlePoll;
    this.idlePoll = Math.min(1_000, this.idlePoll * 2);
    await this.wake.wait(Math.max(0, Math.min(untilRenewal, longest)));
  }

  private async renew(): Promise<void> {
    const { leaseMs, clock, counters, group, member, logger } = this.options;
    this.nextRenewal = clock.now() + leaseMs / 3;
    const { lost, release, taken } = await this.leases.renew(
      [...this.held.values()].map((held) => held.lease),
    );
    for (const partition of lost) {
      this.held.delete(partition);
      counters.count(group, 'lostLeases');
    }
    for (const partition of release) {
      const held = this.held.get(partition);
      if (held) held.release = true;
    }
    for (const lease of taken) this.held.set(lease.partition, { lease, busy: undefined, release: false });
    if (lost.length + release.length + taken.length > 0)
      logger.debug(
        { group, member, lost, release, taken: taken.map((lease) => lease.partition) },
        'event partitions changed hands',
      );
    for (const held of this.held.values()) if (held.release && !held.busy) await this.letGo(held);
  }

  private async letGo(held: Held): Promise<void> {
    this.held.delete(held.lease.partition);
    await this.leases.release(held.lease);
  }

  /** True when it found events. */
  private async dispatch(): Promise<boolean> {
    const { database, batchSize, types } = this.options;
    const idle = [...this.held.values()].filter((held) => !held.busy && !held.release);
    if (idle.length === 0) return false;
    const leases = idle.map((held) => held.lease);
    const found = await database.withPlatform('event-read', (tx) => readLog(tx, leases, batchSize, types));
    if (found.length === 0) return false;
    for (const held of idle) {
      const events = found.filter((logged) => logged.partition === held.lease.partition);
      if (events.length > 0) held.busy = this.work(held, events);
    }
    this.idlePoll = 20;
    return true;
  }

  private async work(held: Held, events: readonly LoggedEvent[]): Promise<void> {
    try {
      await this.options.sink(held.lease, events, this.stop);
    } catch (error) {
      // What we know of the partition may be wrong now: forget it and ask for it again.
      if (this.held.get(held.lease.partition) === held) this.held.delete(held.lease.partition);
      this.nextRenewal = 0;
      if (!(error instanceof LeaseLost))
        this.options.logger.warn(
          { group: this.options.group, err: error },
          'an event partition was given up',
        );
      else if (!this.stop.stopped) this.options.counters.count(this.options.group, 'lostLeases');
    } finally {
      held.busy = undefined;
      if (held.release && this.held.get(held.lease.partition) === held)
        await this.letGo(held).catch(() => undefined);
      this.wake.raise();
    }
  }
}

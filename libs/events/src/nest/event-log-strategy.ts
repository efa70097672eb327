import { randomUUID } from 'node:crypto';
import { GroupConsumer } from '../consuming/group-consumer.js';
import { handlerSink } from '../consuming/handler-sink.js';
import type { HandlerSet } from '../consuming/handler-set.js';
import { EventStrategy, type EventStrategyOptions } from './event-strategy.js';

export interface EventLogStrategyOptions extends EventStrategyOptions {
  /** How long a partition stays ours without a sign of life. */
  leaseMs?: number;
  batchSize?: number;
}

/** Nest's handlers, fed from the event log in Postgres. */
export class EventLogStrategy extends EventStrategy {
  private consumers: GroupConsumer[] = [];

  constructor(private readonly options: EventLogStrategyOptions) {
    super(options);
  }

  /** Which partitions this replica has at the moment, by group. */
  partitions(): Record<string, number[]> {
    return Object.fromEntries(this.consumers.map((consumer) => [consumer.group, consumer.partitions]));
  }

  protected override beginConsuming(): Promise<void> {
    const { runtime } = this.options;
    const member = `${runtime.name}/${randomUUID().slice(0, 8)}`;
    this.consumers = [...this.groups.values()].map((handlers) => this.consumerOf(handlers, member));
    for (const consumer of this.consumers) consumer.start();
    const forget = runtime.onWake((kind) => {
      if (kind !== 'replay') for (const consumer of this.consumers) consumer.hint(kind);
    });
    this.stop.onStop(forget);
    return Promise.resolve();
  }

  protected override async endConsuming(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.ended()));
  }

  private consumerOf(handlers: HandlerSet, member: string): GroupConsumer {
    const { runtime, database, leaseMs = 10_000, batchSize = 100 } = this.options;
    return new GroupConsumer(
      {
        database,
        group: handlers.group,
        member,
        partitions: runtime.partitions,
        leaseMs,
        batchSize,
        types: handlers.types,
        sink: handlerSink({ ...this.delivery(handlers), leaseMs }),
        listening: () => runtime.listening,
        clock: runtime.clock,
        logger: runtime.logger,
        counters: runtime.counters,
      },
      this.stop,
    );
  }
}

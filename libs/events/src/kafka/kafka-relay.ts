import type { ServiceDatabase } from '@switchyard/database';
import type { Clock } from '../clock.js';
import { advanceCursor } from '../consuming/claim-from-log.js';
import { LeaseLost } from '../consuming/failure.js';
import { GroupConsumer, type PartitionSink } from '../consuming/group-consumer.js';
import type { EventLogger } from '../event-logger.js';
import { retryDelay } from '../retry-delay.js';
import type { EventCounters } from '../stats/event-counters.js';
import type { StopSignal } from '../stop-signal.js';
import { cloudEventType, toCloudEvent } from './cloud-event.js';
import { ensureTopic } from './ensure-topic.js';
import { EventProducer } from './event-producer.js';
import { kafkaClient } from './kafka-client.js';
import type { CheckedKafkaOptions } from './kafka-options.js';

export const relayGroup = 'kafka-relay';

export interface KafkaRelayOptions {
  database: ServiceDatabase;
  kafka: CheckedKafkaOptions;
  name: string;
  partitions: number;
  leaseMs: number;
  listening: () => boolean;
  clock: Clock;
  logger: EventLogger;
  counters: EventCounters;
}

/**
 * Publishes the log to Kafka: one more group that reads it. It may send an event again (after a failure, a takeover, a
 * restore), never out of order for the first time, and consumers know by their inbox what they had.
 */
export class KafkaRelay {
  private readonly producer: EventProducer;
  private readonly consumer: GroupConsumer;

  constructor(
    private readonly options: KafkaRelayOptions,
    private readonly stop: StopSignal,
  ) {
    const { kafka, logger, name } = options;
    const client = kafkaClient(kafka, logger);
    this.producer = new EventProducer(client, kafka.topic, () => ensureTopic(client, kafka));
    this.consumer = new GroupConsumer(
      { ...options, group: relayGroup, member: name, batchSize: 500, types: null, sink: this.publish },
      stop,
    );
  }

  start(): void {
    this.consumer.start();
  }

  hint(kind: 'log' | 'members'): void {
    this.consumer.hint(kind);
  }

  async ended(): Promise<void> {
    await Promise.all([this.consumer.ended(), this.producer.close()]);
  }

  private readonly publish: PartitionSink = async (lease, events) => {
    const { database, leaseMs, counters } = this.options;
    const last = events.at(-1);
    if (!last) return;
    const messages = events.map(({ event }) => ({
      key: event.key,
      value: toCloudEvent(event),
      headers: { 'content-type': cloudEventType },
    }));
    await this.untilSent(messages);
    await database.withPlatform('event-relay', (tx) => advanceCursor(tx, relayGroup, lease, last, leaseMs));
    lease.cursor = { epoch: last.event.epoch, seq: last.event.seq, loggedAt: last.loggedAt };
    counters.count(relayGroup, 'handled', events.length);
  };

  /** Kafka may be away for long; the log keeps the events, and the lease is renewed meanwhile. */
  private async untilSent(messages: Parameters<EventProducer['send']>[0]): Promise<void> {
    const { clock, logger, counters } = this.options;
    let forget = (): void => undefined;
    const stopped = new Promise<never>(
      (_resolve, reject) => (forget = this.stop.onStop(() => reject(new LeaseLost('stopping')))),
    );
    stopped.catch(() => undefined);
    for (let failures = 1; ; failures += 1) {
      try {
        const sent = this.producer.send(messages);
        sent.catch(() => undefined);
        await Promise.race([sent, stopped]);
        forget();
        return;
      } catch (error) {
        if (error instanceof LeaseLost) throw error;
        counters.count(relayGroup, 'interruptions');
        logger.warn({ err: error, failures }, 'events could not be sent to Kafka yet');
        await this.stop.pause(retryDelay({ firstDelayMs: 100, maxDelayMs: 2_000 }, failures, clock.random()));
      }
    }
  }
}

import { ensureTopic, TopicMismatch } from '../kafka/ensure-topic.js';
import { kafkaClient } from '../kafka/kafka-client.js';
import { KafkaGroupConsumer } from '../kafka/kafka-group-consumer.js';
import {
  checkKafkaOptions,
  type CheckedKafkaOptions,
  type KafkaEventOptions,
} from '../kafka/kafka-options.js';
import { EventStrategy, type EventStrategyOptions } from './event-strategy.js';

export interface KafkaEventStrategyOptions extends EventStrategyOptions {
  kafka: KafkaEventOptions;
  /** After how long without a sign of life the broker gives our partitions to others. */
  sessionTimeoutMs?: number;
}

/** Nest's handlers, fed from Kafka. Somewhere a runtime with the same Kafka options runs the relay. */
export class KafkaEventStrategy extends EventStrategy {
  private readonly kafka: CheckedKafkaOptions;
  private consumers: KafkaGroupConsumer[] = [];

  constructor(private readonly options: KafkaEventStrategyOptions) {
    super(options);
    this.kafka = checkKafkaOptions(options.kafka);
  }

  /** Whether the broker has given every group its partitions. */
  get joined(): boolean {
    return this.consumers.every((consumer) => consumer.joined);
  }

  /** Starts without a broker, but not on a topic that would break the order of keys. */
  protected override async beginConsuming(): Promise<void> {
    const client = kafkaClient(this.kafka, this.options.runtime.logger);
    await ensureTopic(client, this.kafka).catch((error: unknown) => {
      if (error instanceof TopicMismatch) throw error;
      this.options.runtime.logger.warn({ err: error }, 'Kafka is not there yet');
    });
    this.consumers = [...this.groups.values()].map(
      (handlers) =>
        new KafkaGroupConsumer({
          ...this.delivery(handlers),
          client,
          kafka: this.kafka,
          sessionTimeoutMs: this.options.sessionTimeoutMs ?? 30_000,
          concurrency: this.options.concurrency ?? 4,
        }),
    );
    for (const consumer of this.consumers) consumer.start();
  }

  protected override async endConsuming(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.ended()));
  }
}

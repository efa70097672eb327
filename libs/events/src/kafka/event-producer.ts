import kafkajs, { type Kafka, type Message, type Producer } from 'kafkajs';
import { atMost, briefRetries } from './kafka-client.js';

/** An idempotent producer that is replaced when it failed: after some errors kafkajs can never use it again. */
export class EventProducer {
  private current: Promise<Producer> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly prepare: () => Promise<void>,
  ) {}

  /** Returns when all in-sync replicas have all messages. After an error some may be there: send all of them again. */
  async send(messages: Message[]): Promise<void> {
    this.current ??= this.connect();
    const used = this.current;
    try {
      await (await used).send({ topic: this.topic, messages, acks: -1, timeout: 10_000 });
    } catch (error) {
      if (this.current === used) this.current = undefined;
      void used.then(
        (producer) => atMost(1_000, producer.disconnect()),
        () => undefined,
      );
      throw error;
    }
  }

  async close(): Promise<void> {
    const last = this.current;
    this.current = undefined;
    if (last)
      await atMost(
        1_000,
        last.then((producer) => producer.disconnect()),
      );
  }

  private async connect(): Promise<Producer> {
    await this.prepare();
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: briefRetries,
    });
    await producer.connect();
    return producer;
  }
}

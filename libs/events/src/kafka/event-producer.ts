import kafkajs, { type Kafka, type Message, type Producer } from 'kafkajs';
import { atMost, briefRetries } from './kafka-client.js';

interface Sending {
  messages: readonly Message[];
  done(): void;
  failed(error: Error): void;
}

/** Kafka refuses a batch of more than 1 MB, and kafkajs makes one batch of all messages of a partition. */
const maxBytes = 512 * 1024;

const sizeOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { value }) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);

/**
 * An idempotent producer that sends one request at a time and is replaced when one failed. Both are needed: kafkajs takes
 * the sequence number of a failed request back and gives it to the next one in line, and a broker that had written the
 * first, and was only slow to say so, then drops the next as its duplicate and calls it written.
 */
export class EventProducer {
  private current: Promise<Producer> | undefined;
  private readonly waiting: Sending[] = [];
  private busy = false;
  private closed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly prepare: () => Promise<void>,
  ) {}

  /** Returns when all in-sync replicas have all messages. After an error some may be there: send all of them again. */
  async send(messages: readonly Message[]): Promise<void> {
    for (const part of parts(messages))
      await new Promise<void>((done, failed) => {
        this.waiting.push({ messages: part, done, failed });
        void this.sendWaiting();
      });
  }

  async close(): Promise<void> {
    this.closed = true;
    const last = this.current;
    this.current = undefined;
    if (last)
      await atMost(
        1_000,
        last.then((producer) => producer.disconnect()),
      );
  }

  /** What gathered while a request was under way goes together. */
  private async sendWaiting(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length > 0) {
      const together = this.next();
      try {
        await this.request(together.flatMap(({ messages }) => messages));
        for (const sending of together) sending.done();
      } catch (error) {
        for (const sending of together) sending.failed(error as Error);
      }
    }
    this.busy = false;
  }

  private next(): Sending[] {
    const together: Sending[] = [];
    let bytes = 0;
    for (let first = this.waiting[0]; first; first = this.waiting[0]) {
      bytes += sizeOf(first.messages);
      if (together.length > 0 && bytes > maxBytes) break;
      together.push(first);
      this.waiting.shift();
    }
    return together;
  }

  private async request(messages: Message[]): Promise<void> {
    if (this.closed) throw new Error('the producer was closed');
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

function parts(messages: readonly Message[]): Message[][] {
  const all: Message[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    bytes += sizeOf([message]);
    if (bytes > maxBytes) {
      all.push([]);
      bytes = sizeOf([message]);
    }
    all.at(-1)?.push(message);
  }
  return all;
}

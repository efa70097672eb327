import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { deliver, type DeliveryOptions } from '../consuming/deliver.js';
import { LeaseLost } from '../consuming/failure.js';
import type { DomainEvent } from '../event.js';
import { retryDelay } from '../retry-delay.js';
import { StopSignal } from '../stop-signal.js';
import { claimFromKafka } from './claim-from-kafka.js';
import { fromCloudEvent } from './cloud-event.js';
import { ensureTopic } from './ensure-topic.js';
import { atMost } from './kafka-client.js';
import type { CheckedKafkaOptions } from './kafka-options.js';

export interface KafkaGroupConsumerOptions extends DeliveryOptions {
  client: Kafka;
  kafka: CheckedKafkaOptions;
  sessionTimeoutMs: number;
  concurrency: number;
}

/** One group's consumer. It is made anew whenever kafkajs gives up: the broker may be away for as long as it likes. */
export class KafkaGroupConsumer {
  private running: Promise<void> | undefined;
  /** Failures of events that a rebalance interrupted. */
  private readonly failures = new Map<string, number>();
  joined = false;

  constructor(private readonly options: KafkaGroupConsumerOptions) {}

  start(): void {
    this.running = this.run();
  }

  async ended(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    const { stop, clock, logger, handlers } = this.options;
    for (let failures = 0; !stop.stopped;) {
      try {
        await this.consume(() => (failures = 0));
      } catch (error) {
        if (stop.stopped) return;
        failures += 1;
        logger.warn({ group: handlers.group, err: error }, 'consuming from Kafka failed and begins again');
        await stop.pause(retryDelay({ firstDelayMs: 200, maxDelayMs: 3_000 }, failures, clock.random()));
      }
    }
  }

  /** Until the stop signal, or an error. */
  private async consume(onJoined: () => void): Promise<void> {
    const { client, kafka, handlers, stop, sessionTimeoutMs, concurrency } = this.options;
    await this.register();
    const consumer = client.consumer({
      groupId: `${kafka.groupPrefix}${handlers.group}`,
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: 256 * 1024,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.round(sessionTimeoutMs / 10),
      rebalanceTimeout: Math.max(sessionTimeoutMs, this.options.handlerTimeoutMs + 5_000),
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        retries: 5,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    const { ended, forget } = this.endOf(consumer);
    try {
      const ready = this.beginWith(consumer, concurrency, onJoined);
      ready.catch(() => undefined);
      await Promise.race([ready, ended]);
      if (!stop.stopped) await ended;
    } finally {
      forget();
      this.joined = false;
      await atMost(1_500, consumer.disconnect());
    }
  }

  private endOf(consumer: Consumer): { ended: Promise<void>; forget: () => void } {
    let forget = (): void => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      forget = this.options.stop.onStop(resolve);
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    ended.catch(() => undefined);
    return { ended, forget };
  }

  private async beginWith(consumer: Consumer, concurrency: number, onJoined: () => void): Promise<void> {
    const { client, kafka } = this.options;
    await ensureTopic(client, kafka);
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.joined = true;
      onJoined();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [kafka.topic], fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (batch) => this.handleBatch(batch),
    });
  }

  /** A group on Kafka no longer holds the log: the relay does. */
  private async register(): Promise<void> {
    const { database, handlers } = this.options;
    await database.withPlatform('event-group', (tx) =>
      tx.run(
        `INSERT INTO events.groups (group_name, transport) VALUES ($1, 'kafka')
         ON CONFLICT (group_name) DO UPDATE SET transport = excluded.transport WHERE events.groups.transport <> excluded.transport`,
        [handlers.group],
      ),
    );
  }

  private async handleBatch(payload: EachBatchPayload): Promise<void> {
    const { stop, sessionTimeoutMs } = this.options;
    const batchStop = new StopSignal();
    const forget = stop.onStop(() => batchStop.stop());
    let lostGroup: Error | undefined;
    const beat = (): void => {
      payload.heartbeat().catch((error: Error) => {
        lostGroup = error;
        batchStop.stop();
      });
    };
    const beating = setInterval(beat, sessionTimeoutMs / 10);
    try {
      for (const message of payload.batch.messages) {
        if (!payload.isRunning() || payload.isStale() || batchStop.stopped) break;
        await this.handleMessage(message.value, batchStop);
        payload.resolveOffset(message.offset);
      }
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
    } finally {
      clearInterval(beating);
      forget();
    }
    // kafkajs joins again when it sees its own error.
    if (lostGroup) throw lostGroup;
  }

  private async handleMessage(value: Buffer | null, stop: StopSignal): Promise<void> {
    const { handlers, counters, logger } = this.options;
    const event = fromCloudEvent(value?.toString());
    if (!event) {
      counters.count(handlers.group, 'foreign');
      logger.warn({ group: handlers.group }, 'a message that is no event of ours was passed over');
      return;
    }
    if (!handlers.knows(event.type)) return;
    await this.handle(event, stop);
    this.failures.delete(event.id);
  }

  private async handle(event: DomainEvent, stop: StopSignal): Promise<void> {
    const { handlers, counters, logger } = this.options;
    const { group } = handlers;
    await deliver({ ...this.options, stop }, event, {
      claim: async (tx) => {
        const claim = await claimFromKafka(tx, group, event);
        if (claim === 'foreign') {
          counters.count(group, 'foreign');
          logger.warn(
            { group, event: event.id, epoch: event.epoch, seq: event.seq },
            'an event of a lost database was passed over',
          );
        }
        return claim === 'fresh';
      },
      failedBefore: this.failures.get(event.id) ?? 0,
      noteFailure: (attempts) => {
        this.failures.set(event.id, attempts);
        return Promise.resolve();
      },
    });
  }
}

import type { ServiceDatabase } from '@switchyard/database';
import type { Clock } from '../clock.js';
import type { EventLogger } from '../event-logger.js';
import { FeedFollowers } from '../feeds/feed-followers.js';
import type { Follow } from '../feeds/follower.js';
import { brokerLag } from '../kafka/broker-lag.js';
import { kafkaClient } from '../kafka/kafka-client.js';
import { KafkaRelay } from '../kafka/kafka-relay.js';
import { localHints, type Hint } from '../local-hints.js';
import { retryDelay } from '../retry-delay.js';
import { EventCounters } from '../stats/event-counters.js';
import { StopSignal } from '../stop-signal.js';
import { Housekeeper } from './housekeeper.js';
import { Listener } from './listener.js';
import { Notifier } from './notifier.js';
import {
  checkRuntimeOptions,
  type CheckedRuntimeOptions,
  type EventRuntimeOptions,
} from './runtime-options.js';
import { Sequencer } from './sequencer.js';

type WakeKind = 'log' | 'members' | 'replay';

/** What a process needs once, however many services it runs: sequencing, wake-ups, feeds and retention. */
export class EventRuntime {
  readonly counters = new EventCounters();
  private readonly stopSignal = new StopSignal();
  private readonly sequencer: Sequencer;
  private readonly listener: Listener | undefined;
  private readonly notifier: Notifier;
  private readonly housekeeper: Housekeeper;
  private readonly followers: FeedFollowers;
  private readonly relay: KafkaRelay | undefined;
  private readonly wakers = new Set<(kind: WakeKind) => void>();
  private started: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private forget: (() => void) | undefined;

  constructor(private readonly options: CheckedRuntimeOptions) {
    const { database, directUrl, clock, logger, name } = options;
    const stop = this.stopSignal;
    this.sequencer = new Sequencer(
      {
        database,
        name,
        leaseMs: options.sequencerLeaseMs,
        lingerMs: options.sequencerLingerMs,
        batchSize: options.sequencerBatch,
        clock,
        logger,
      },
      stop,
    );
    this.notifier = new Notifier(database, stop);
    this.followers = new FeedFollowers({ database, listening: () => this.listening, clock, logger }, stop);
    this.housekeeper = new Housekeeper(
      {
        database,
        everyMs: options.housekeepingMs,
        retentionMs: options.retentionMs,
        inboxMs: options.inboxMs,
        tombstonesMs: options.feedTombstonesMs,
        logger,
      },
      stop,
    );
    const { kafka, partitions, relayLeaseMs: leaseMs } = options;
    const { counters } = this;
    if (kafka)
      this.relay = new KafkaRelay(
        {
          database,
          kafka,
          name,
          partitions,
          leaseMs,
          listening: () => this.listening,
          clock,
          logger,
          counters,
        },
        stop,
      );
    if (directUrl) {
      const onConnect = (): void => ['log', 'replay', 'feed:'].forEach((kind) => this.notice(kind));
      this.listener = new Listener(
        {
          url: directUrl,
          onNotice: (payload) => this.notice(payload),
          ping: (payload) => this.notifier.tell(payload),
          onConnect,
          clock,
          logger,
        },
        stop,
      );
    }
  }

  get partitions(): number {
    return this.options.partitions;
  }

  get database(): ServiceDatabase {
    return this.options.database;
  }

  get retentionMs(): number {
    return this.options.retentionMs;
  }

  get name(): string {
    return this.options.name;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  get logger(): EventLogger {
    return this.options.logger;
  }

  /** Whether wake-ups from other processes arrive; while not, everything polls. */
  get listening(): boolean {
    return this.listener?.connected ?? false;
  }

  /** Waits until the database is there and agrees with our number of partitions. May be called by each who needs it. */
  start(): Promise<void> {
    this.started ??= this.begin();
    return this.started;
  }

  /** Ends what runs. Stop the strategies first. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** Calls back whenever there may be something new. Returns how to stop that. */
  onWake(waker: (kind: WakeKind) => void): () => void {
    this.wakers.add(waker);
    return () => this.wakers.delete(waker);
  }

  /** A snapshot of the feed, then every change of it, for as long as the process lives or until the answer is called. */
  follow: Follow = (feed, from, handlers) => this.followers.follow(feed, from, handlers);

  /** Messages that Kafka still has for each group that consumes from it; empty without Kafka. */
  async brokerLag(): Promise<Map<string, number>> {
    const { kafka, database, logger } = this.options;
    if (!kafka) return new Map();
    const rows = await database.withPlatform('event-stats', (tx) =>
      tx.query<{ name: string }>("SELECT group_name AS name FROM events.groups WHERE transport = 'kafka'"),
    );
    return await brokerLag(
      kafkaClient(kafka, logger),
      kafka,
      rows.map((row) => row.name),
    );
  }

  /** What retention does by itself every minute. */
  tidy(): Promise<{ dropped: number; heldBy: string[] }> {
    return this.housekeeper.tidy();
  }

  private async begin(): Promise<void> {
    await this.agree();
    if (this.stopSignal.stopped) return;
    this.forget = localHints.onHint((hint) => this.heard(hint));
    for (const part of this.parts()) part.start();
  }

  private async agree(): Promise<void> {
    const { database, partitions, clock, logger } = this.options;
    for (let failures = 1; !this.stopSignal.stopped; failures += 1) {
      const agreed = await agreedPartitions(database, partitions).catch((error: unknown) => {
        logger.warn({ err: error }, 'the event log is not there yet');
        return undefined;
      });
      if (agreed === partitions) return;
      if (agreed !== undefined)
        throw new Error(
          `the event log has ${agreed} partitions and this process is set to ${partitions}: the order of keys depends on it, set ${agreed}`,
        );
      await this.stopSignal.pause(
        retryDelay({ firstDelayMs: 100, maxDelayMs: 2_000 }, failures, clock.random()),
      );
    }
  }

  private async end(): Promise<void> {
    this.stopSignal.stop();
    await this.started?.catch(() => undefined);
    this.forget?.();
    await Promise.all(this.parts().map((part) => part.ended()));
  }

  private parts(): { start(): void; ended(): Promise<void> }[] {
    const parts = [
      this.listener,
      this.notifier,
      this.sequencer,
      this.housekeeper,
      this.followers,
      this.relay,
    ];
    return parts.filter((part) => part !== undefined);
  }

  /** From this process. */
  private heard(hint: Hint): void {
    if (hint === 'outbox') this.sequencer.hint();
    else if (hint !== 'log') this.notifier.tell(hint);
    this.notice(hint);
  }

  /** From anywhere. */
  private notice(payload: string): void {
    if (payload === 'log' || payload === 'members') this.relay?.hint(payload);
    if (payload === 'log' || payload === 'members' || payload === 'replay')
      for (const waker of this.wakers) waker(payload);
    else if (payload.startsWith('feed:')) this.followers.hint();
  }
}

async function agreedPartitions(database: ServiceDatabase, wanted: number): Promise<number | undefined> {
  return await database.withPlatform('event-start', async (tx) => {
    await tx.run('SELECT events.check_epoch()');
    return (await tx.one<{ n: number }>('SELECT events.agree_on_partitions($1) AS n', [wanted]))?.n;
  });
}

export const createEventRuntime = (options: EventRuntimeOptions): EventRuntime =>
  new EventRuntime(checkRuntimeOptions(options));

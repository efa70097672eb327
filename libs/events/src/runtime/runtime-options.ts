import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ServiceDatabase } from '@switchyard/database';
import { z } from 'zod';
import { systemClock, type Clock } from '../clock.js';
import { silentLogger, type EventLogger } from '../event-logger.js';
import {
  checkKafkaOptions,
  type CheckedKafkaOptions,
  type KafkaEventOptions,
} from '../kafka/kafka-options.js';

export interface EventRuntimeOptions {
  /** Any service's database: what the runtime does needs only that service's platform role. */
  database: ServiceDatabase;
  /** A connection past any pooler, for LISTEN. Without it everything works by polling, up to a second later. */
  directUrl?: string;
  /** Fixed for the life of the log. */
  partitions?: number;
  sequencerLeaseMs?: number;
  sequencerLingerMs?: number;
  sequencerBatch?: number;
  retentionMs?: number;
  feedTombstonesMs?: number;
  housekeepingMs?: number;
  /** With it this process takes part in publishing the log to Kafka. */
  kafka?: KafkaEventOptions;
  relayLeaseMs?: number;
  /** Tells this process from the others in leases and metrics. */
  name?: string;
  clock?: Clock;
  logger?: EventLogger;
}

const day = 24 * 60 * 60 * 1000;
const numbers = z.object({
  partitions: z.int().min(1).max(256).default(8),
  sequencerLeaseMs: z.int().min(100).max(60_000).default(5_000),
  sequencerLingerMs: z.int().min(0).max(1_000).default(2),
  sequencerBatch: z.int().min(1).max(100_000).default(2_000),
  retentionMs: z
    .int()
    .min(0)
    .default(7 * day),
  feedTombstonesMs: z.int().min(0).default(day),
  housekeepingMs: z.int().min(10).default(60_000),
  relayLeaseMs: z.int().min(100).default(10_000),
});

export type CheckedRuntimeOptions = z.output<typeof numbers> & {
  inboxMs: number;
  database: ServiceDatabase;
  directUrl: string | undefined;
  kafka: CheckedKafkaOptions | undefined;
  name: string;
  clock: Clock;
  logger: EventLogger;
};

export function checkRuntimeOptions(options: EventRuntimeOptions): CheckedRuntimeOptions {
  const { database, directUrl, name, clock, logger } = options;
  const parsed = numbers.safeParse(options);
  if (!parsed.success) throw new Error(`event runtime: ${z.prettifyError(parsed.error)}`);
  const kafka = options.kafka && checkKafkaOptions(options.kafka);
  return {
    ...parsed.data,
    // Kafka drops segments of a day as a whole.
    inboxMs: Math.max(parsed.data.retentionMs, kafka ? kafka.retentionMs + 2 * day : 0),
    database,
    directUrl,
    kafka,
    name: name ?? `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    clock: clock ?? systemClock,
    logger: logger ?? silentLogger,
  };
}

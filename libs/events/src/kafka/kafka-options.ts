import type { KafkaConfig } from 'kafkajs';
import { z } from 'zod';

export interface KafkaEventOptions {
  brokers: readonly string[];
  clientId?: string;
  topic?: string;
  /** Of the topic. Which partition a key goes to depends on it, and with it the order of the key. */
  partitions?: number;
  replication?: number;
  retentionMs?: number;
  /** Put before the group's name to make Kafka's group id. */
  groupPrefix?: string;
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
}

const values = z.object({
  brokers: z.array(z.string().regex(/^[^\s,]+:\d+$/, 'is host:port')).min(1),
  clientId: z.string().min(1).default('switchyard'),
  topic: z
    .string()
    .regex(/^[\w.-]{1,249}$/)
    .default('switchyard.events'),
  partitions: z.int().min(1).max(1_000).default(8),
  replication: z.int().min(1).max(16).default(1),
  retentionMs: z
    .int()
    .min(60_000)
    .default(7 * 24 * 60 * 60 * 1000),
  groupPrefix: z.string().default('switchyard.'),
});

export type CheckedKafkaOptions = z.output<typeof values> & Pick<KafkaEventOptions, 'ssl' | 'sasl'>;

export function checkKafkaOptions(options: KafkaEventOptions): CheckedKafkaOptions {
  const parsed = values.safeParse(options);
  if (!parsed.success) throw new Error(`Kafka for events: ${z.prettifyError(parsed.error)}`);
  const { ssl, sasl } = options;
  return { ...parsed.data, ...(ssl === undefined ? {} : { ssl }), ...(sasl === undefined ? {} : { sasl }) };
}

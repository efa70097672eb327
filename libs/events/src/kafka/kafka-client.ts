import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';
import type { EventLogger } from '../event-logger.js';
import type { CheckedKafkaOptions } from './kafka-options.js';

/** kafkajs tries a little while; to try for ever is ours, because we know when to stop. */
export const briefRetries = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 };

export function kafkaClient(options: CheckedKafkaOptions, logger: EventLogger): Kafka {
  const { brokers, clientId, ssl, sasl } = options;
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: briefRetries,
    // What matters of it comes back as an error, and is logged by who gets it.
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log }: LogEntry) =>
        logger.debug({ kafka: namespace, ...log }, 'kafkajs'),
  });
}

/** What ends must not wait for a broker that does not answer. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([
    work.then(
      () => undefined,
      () => undefined,
    ),
    patience,
  ]);
  clearTimeout(timer);
}

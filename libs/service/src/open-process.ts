import type { ServiceName, SchemaMigrations } from '@switchyard/database';
import {
  checkServiceRole,
  migrate,
  ServiceDatabase,
  serviceRole,
  services as allServices,
  serviceUrl,
} from '@switchyard/database';
import {
  createEventRuntime,
  EventLogStrategy,
  KafkaEventStrategy,
  type EventRuntime,
  type EventStrategy,
  type KafkaEventOptions,
} from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import type { ProcessOptions } from './process-options.js';

export interface OpenProcessOptions {
  config: ProcessOptions & { DATABASE_URL: string };
  services: readonly ServiceName[];
  schemas: readonly SchemaMigrations[];
  logger: Logger;
  onProgress?: (step: string) => void;
}

/** What a process holds open for the services in it. */
export interface OpenProcess {
  databaseOf(service: ServiceName): ServiceDatabase;
  runtime: EventRuntime;
  /** A strategy of its own for each service: its consumers, from the log or from Kafka. */
  eventsOf(service: ServiceName): EventStrategy;
  close(): Promise<void>;
}

/** Brings the database up to date if we may, and opens it for each service, with the process's one event runtime. */
export async function openProcess({
  config,
  services,
  schemas,
  logger,
  onProgress,
}: OpenProcessOptions): Promise<OpenProcess> {
  const ownUrl = await prepareDatabase(config, services, schemas, onProgress);
  await Promise.all(
    services.map((service) => checkServiceRole(ownUrl(config.DATABASE_URL, service), service)),
  );
  let closed = false;
  const databases = new Map(
    services.map((service) => [
      service,
      new ServiceDatabase({
        service,
        url: ownUrl(config.DATABASE_URL, service),
        maxConnections: config.DATABASE_CONNECTIONS,
        // Not the error itself: it holds the whole connection.
        onError: ({ message }) => {
          if (!closed) logger.warn({ reason: message }, 'a database connection was lost');
        },
      }),
    ]),
  );
  const databaseOf = (service: ServiceName): ServiceDatabase => {
    const database = databases.get(service);
    if (!database) throw new Error(`this process does not run ${service}`);
    return database;
  };
  const [first] = services;
  if (!first) throw new Error('a process runs at least one service');
  const kafka = kafkaOptions(config);
  const runtime = createEventRuntime({
    database: databaseOf(first),
    directUrl: ownUrl(config.DATABASE_DIRECT_URL ?? config.DATABASE_URL, first),
    partitions: config.EVENT_PARTITIONS,
    retentionMs: config.EVENT_RETENTION_HOURS * 3_600_000,
    logger,
    ...(kafka ? { kafka } : {}),
  });
  return {
    databaseOf,
    runtime,
    eventsOf: (service) => {
      const shared = { runtime, database: databaseOf(service) };
      return kafka ? new KafkaEventStrategy({ ...shared, kafka }) : new EventLogStrategy(shared);
    },
    async close() {
      await runtime.stop();
      closed = true;
      await Promise.all([...databases.values()].map((database) => database.close()));
    },
  };
}

const kafkaOptions = (config: ProcessOptions): KafkaEventOptions | undefined =>
  config.KAFKA_BROKERS.length === 0
    ? undefined
    : {
        brokers: config.KAFKA_BROKERS,
        topic: config.KAFKA_TOPIC,
        partitions: config.KAFKA_PARTITIONS,
        replication: config.KAFKA_REPLICATION,
        retentionMs: config.KAFKA_RETENTION_HOURS * 3_600_000,
      };

/**
 * Signed in as a service's role, we only use what is there. As anybody else we are the migrator, and derive what each
 * service signs in with.
 */
async function prepareDatabase(
  config: OpenProcessOptions['config'],
  services: readonly ServiceName[],
  schemas: readonly SchemaMigrations[],
  onProgress: ((step: string) => void) | undefined,
): Promise<(url: string, service: ServiceName) => string> {
  const url = new URL(config.DATABASE_URL);
  const user = decodeURIComponent(url.username);
  if (allServices.some((service) => serviceRole(service) === user)) {
    const other = services.find((service) => serviceRole(service) !== user);
    if (other)
      throw new Error(
        `DATABASE_URL signs in as ${user}, but this process runs ${other}: give it the migrator's user, or run the service on its own`,
      );
    return (own) => own;
  }
  const secret = config.DATABASE_ROLE_SECRET ?? decodeURIComponent(url.password);
  if (secret === '')
    throw new Error(
      'DATABASE_URL holds no password: set DATABASE_ROLE_SECRET, from which the passwords of the services are derived',
    );
  const options = { url: config.DATABASE_DIRECT_URL ?? config.DATABASE_URL, roleSecret: secret, schemas };
  await migrate(onProgress ? { ...options, onProgress } : options);
  return (shared, service) => serviceUrl(shared, secret, service);
}

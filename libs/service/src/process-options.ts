import { choice, list, port, secretText, secretUrl, text, wholeNumber } from '@switchyard/config';
import { z } from 'zod';

/** What every process of Switchyard can be told, whichever services it runs. */
export const processOptions = z.object({
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
    description: 'The least level that is logged',
  }).prefault('info'),
  DATABASE_URL: secretUrl(['postgres', 'postgresql'], {
    description:
      "The PostgreSQL server. Signed in as a service's own role, that service only uses it; as anybody else, the database is brought up to date and the roles are made first.",
    example: 'postgres://switchyard@db:5432/switchyard',
  }).optional(),
  DATABASE_DIRECT_URL: secretUrl(['postgres', 'postgresql'], {
    description:
      'The same server past a transaction pooler, for LISTEN and migrations; DATABASE_URL when left out',
  }).optional(),
  DATABASE_ROLE_SECRET: secretText({
    description:
      "The passwords of the services' database roles are derived from it; the password in DATABASE_URL when left out",
  }).optional(),
  DATABASE_CONNECTIONS: wholeNumber(
    { min: 2, max: 200 },
    {
      description:
        'The most connections each service opens; a process has one more for wake-ups, and two while it migrates',
    },
  ).prefault('10'),
  KAFKA_BROKERS: list({
    description: 'Kafka brokers, host:port with commas between; left out, events stay in the database',
    example: 'kafka-1:9092,kafka-2:9092',
  }).prefault(''),
  KAFKA_TOPIC: text({
    description: 'The topic that events are published to; made when it is missing',
  }).prefault('switchyard.events'),
  KAFKA_PARTITIONS: wholeNumber(
    { min: 1, max: 1000 },
    { description: 'Partitions of the topic, when it is made' },
  ).prefault('12'),
  KAFKA_REPLICATION: wholeNumber(
    { min: 1, max: 10 },
    { description: 'Replicas of the topic, when it is made' },
  ).prefault('1'),
  KAFKA_RETENTION_HOURS: wholeNumber(
    { min: 1, max: 100_000 },
    { description: 'How long the topic keeps events, when it is made' },
  ).prefault('168'),
  EVENT_PARTITIONS: wholeNumber(
    { min: 1, max: 256 },
    { description: 'Partitions of the event log; fixed once the database is made' },
  ).prefault('8'),
  EVENT_RETENTION_HOURS: wholeNumber(
    { min: 1, max: 100_000 },
    { description: 'How long the event log keeps events that every group has handled' },
  ).prefault('168'),
});

export type ProcessOptions = z.output<typeof processOptions>;

/** Where a process listens, and how it stops. */
export const listenOptions = z.object({
  HOST: text({ description: 'The address to listen on' }).prefault('127.0.0.1'),
  PORT: port({ description: 'The port to listen on; 0 takes a free one' }).prefault('8080'),
  SHUTDOWN_SECONDS: wholeNumber(
    { min: 0, max: 600 },
    { description: 'How long requests may go on after a stop was asked for' },
  ).prefault('10'),
});

/** Who keeps secrets must open them with the same keys. */
export const keyringOptions = z.object({
  KEYRING_FILE: text({
    description:
      'Master keys that encrypt signing keys and secrets at rest; made when missing (0600), to be shared by all replicas',
  }).optional(),
});

/** How often services tidy up. */
export const housekeepingOptions = z.object({
  HOUSEKEEPING_SECONDS: wholeNumber(
    { min: 1, max: 3_600 },
    {
      description:
        'How often what time made due is tidied up: deleted tenants, old sessions, artefacts that nothing refers to',
    },
  ).prefault('60'),
});

/** What those who issue user tokens and those who check them must agree on. */
export const tokenOptions = z.object({
  TOKEN_ISSUER: text({ description: 'The issuer that user tokens name' }).prefault('switchyard'),
  TOKEN_AUDIENCE: text({ description: 'The audience that user tokens name' }).prefault('switchyard-api'),
  ACCESS_TOKEN_SECONDS: wholeNumber(
    { min: 60, max: 86_400 },
    { description: 'How long an access token lives' },
  ).prefault('3600'),
});

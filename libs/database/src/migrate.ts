import pg from 'pg';
import type { MigrationInterface } from 'typeorm';
import { revokeFromPublic } from './database-privileges.js';
import {
  ownerRole,
  platformRole,
  quoteIdentifier,
  serviceRole,
  services,
  type ServiceName,
} from './identifiers.js';
import { ensureRoles } from './roles.js';

export type SchemaName = ServiceName | 'events' | 'audit';

/** A schema and the steps that make it. The shared ones grant their own rights, table by table. */
export interface SchemaMigrations {
  schema: SchemaName;
  migrations: readonly (new () => MigrationInterface)[];
}

export interface MigrateOptions {
  url: string;
  roleSecret: string;
  schemas: readonly SchemaMigrations[];
  onProgress?: (step: string) => void;
}

/** Any number; the same in every process that might migrate. */
const migratorLock = 727_001;
const takeLock = `SELECT pg_advisory_xact_lock(${migratorLock})`;

/** A migrator that hangs, or whose process is stopped, must not keep all others waiting. */
const notForEver = `SET LOCAL idle_in_transaction_session_timeout = '60s'`;

/**
 * Brings the database up to date. Safe to call from any number of processes at once: each step is a transaction that
 * takes the lock first, and whoever comes later finds nothing left to do. Nothing is kept in the session, so that it
 * works behind a transaction pooler, too.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.url, application_name: 'switchyard-migrator' });
  // A connection that breaks fails its statement; that is told there.
  client.on('error', () => undefined);
  await client.connect();
  const step = (work: () => Promise<unknown>) => inTransaction(client, work);
  const behind: SchemaMigrations[] = [];
  try {
    await ensureRoles(client, options.roleSecret, step);
    await step(() => client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm')).catch(() => undefined);
    await step(() => revokeFromPublic(client));
    for (const { schema } of options.schemas) await step(() => ensureSchema(client, schema));
    await step(async () => {
      await client.query(`SET LOCAL ROLE ${quoteIdentifier(ownerRole)}`);
      for (const given of options.schemas) if (await isBehind(client, given)) behind.push(given);
    });
  } finally {
    await client.end();
  }
  for (const { schema, migrations } of behind) await migrateSchema(options, schema, migrations);
}

/** Most starts find nothing to do, and TypeORM is a good part of what a start costs. */
async function isBehind(client: pg.Client, { schema, migrations }: SchemaMigrations): Promise<boolean> {
  const table = `${quoteIdentifier(schema)}.migrations`;
  const { rows } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [
    table,
  ]);
  if (rows[0]?.exists !== true) return true;
  const done = await client.query<{ name: string }>(`SELECT name FROM ${table}`);
  const names = new Set(done.rows.map(({ name }) => name));
  return migrations.some((migration) => !names.has(new migration().name ?? migration.name));
}

async function inTransaction(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  await client.query(`BEGIN; ${notForEver}; ${takeLock}`);
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const isShared = (schema: SchemaName): schema is 'events' | 'audit' =>
  schema === 'events' || schema === 'audit';

async function ensureSchema(client: pg.Client, schema: SchemaName): Promise<void> {
  const owner = quoteIdentifier(ownerRole);
  const name = quoteIdentifier(schema);
  const exists = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (exists.rowCount === 0) await client.query(`CREATE SCHEMA ${name} AUTHORIZATION ${owner}`);
  const users = isShared(schema) ? services.flatMap(rolesOf) : rolesOf(schema);
  const list = users.map(quoteIdentifier).join(', ');
  await client.query(`GRANT USAGE ON SCHEMA ${name} TO ${list}`);
  if (isShared(schema)) return;
  for (const [kind, rights] of [
    ['TABLES', 'SELECT, INSERT, UPDATE, DELETE'],
    ['SEQUENCES', 'USAGE, SELECT'],
  ] as const)
    await client.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${name} GRANT ${rights} ON ${kind} TO ${list}`,
    );
}

const rolesOf = (service: ServiceName): string[] => [serviceRole(service), platformRole(service)];

async function migrateSchema(
  options: MigrateOptions,
  schema: string,
  migrations: SchemaMigrations['migrations'],
): Promise<void> {
  const { DataSource, MigrationExecutor } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    schema,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    installExtensions: false,
    poolSize: 1,
    extra: { application_name: 'switchyard-migrator' },
  });
  await source.initialize();
  const runner = source.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query(notForEver);
    await runner.query(takeLock);
    // The owner, not the administrator, owns what a migration makes: row-level security then binds the owner too.
    await runner.query(`SET LOCAL ROLE ${quoteIdentifier(ownerRole)}`);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'all';
    const ran = await executor.executePendingMigrations();
    await runner.commitTransaction();
    if (ran.length > 0) options.onProgress?.(`${schema}: ${ran.length} migration(s)`);
  } finally {
    // What is not committed ends with its connection.
    await runner.release();
    await source.destroy();
  }
}

import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
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
  /** Past any pooler: the lock and the migrations need one session. */
  url: string;
  roleSecret: string;
  schemas: readonly SchemaMigrations[];
  onProgress?: (step: string) => void;
}

/** Any number; the same in every process that might migrate. */
const migratorLock = 727_001;

/**
 * Brings the database up to date. Safe to call from any number of processes at once: one works, the others wait
 * for its lock and find nothing left to do.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.url, application_name: 'switchyard-migrator' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migratorLock]);
    await ensureRoles(client, options.roleSecret);
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm').catch(() => undefined);
    for (const { schema } of options.schemas) await ensureSchema(client, schema);
    for (const { schema, migrations } of options.schemas) await migrateSchema(options, schema, migrations);
  } finally {
    await client.end();
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
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    schema,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    poolSize: 1,
    // The owner, not the administrator, owns what a migration makes: row-level security then binds the owner too.
    extra: { options: `-c role=${ownerRole}`, application_name: 'switchyard-migrator' },
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations();
    if (ran.length > 0) options.onProgress?.(`${schema}: ${ran.length} migration(s)`);
  } finally {
    await source.destroy();
  }
}

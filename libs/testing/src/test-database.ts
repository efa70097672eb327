import { createHash, randomBytes } from 'node:crypto';
import {
  migrate,
  ServiceDatabase,
  serviceUrl,
  type SchemaMigrations,
  type ServiceName,
} from '@switchyard/database';
import pg from 'pg';

/** Also for whoever makes a template by other means. */
export const roleSecret = 'the role secret of every test on this server';

export interface TestDatabase {
  /** The administrator's connection: past row-level security, for looking at what really is there. */
  adminUrl: string;
  roleSecret: string;
  urlFor(service: ServiceName): string;
  open(service: ServiceName, maxConnections?: number): ServiceDatabase;
  /** A statement as administrator. */
  look<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** What a database begins as: made once in a run, and copied by whoever needs one like it. */
export interface DatabaseTemplate {
  /** Says what is in it: templates of one name are the same. */
  name: string;
  make: (url: string) => Promise<void>;
}

/** A database of its own on the run's PostgreSQL, migrated as given; `close` drops it with all it opened. */
export async function createTestDatabase(
  begin: readonly SchemaMigrations[] | DatabaseTemplate,
): Promise<TestDatabase> {
  const server = process.env['SWITCHYARD_TEST_DATABASE_URL'];
  if (!server) throw new Error('no test server: run through `npm test`');
  const template = 'make' in begin ? await copyable(server, begin) : await migrated(server, begin);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const adminUrl = urlOf(server, name);
  // Rights on a database itself are not copied with it.
  await migrate({ url: adminUrl, roleSecret, schemas: [] });
  const opened: ServiceDatabase[] = [];
  return {
    adminUrl,
    roleSecret,
    urlFor: (service) => serviceUrl(adminUrl, roleSecret, service),
    open(service, maxConnections = 5) {
      const database = new ServiceDatabase({
        service,
        url: serviceUrl(adminUrl, roleSecret, service),
        maxConnections,
      });
      opened.push(database);
      return database;
    },
    look: async (sql, values = []) =>
      await asAdmin(adminUrl, async (client) => (await client.query(sql, values)).rows),
    async close() {
      await Promise.all(opened.map((database) => database.close()));
      await asAdmin(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

const migrated = async (server: string, schemas: readonly SchemaMigrations[]): Promise<string> =>
  await copyable(server, {
    name: schemas.flatMap(({ schema, migrations }) => [schema, ...migrations.map(({ name }) => name)]).join(),
    make: (url) => migrate({ url, roleSecret, schemas }),
  });

/** Suites run beside each other: the first that needs it makes it, and the others wait. */
async function copyable(server: string, { name, make }: DatabaseTemplate): Promise<string> {
  const run = process.env['SWITCHYARD_TEST_RUN'] ?? '';
  const template = `template_${run}_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  const exists = (client: pg.Client) =>
    client
      .query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
      .then(({ rowCount }) => rowCount === 1);
  await asAdmin(server, async (client) => {
    if (await exists(client)) return;
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    if (await exists(client)) return;
    const draft = `draft_${randomBytes(6).toString('hex')}`;
    await client.query(`CREATE DATABASE ${draft} TEMPLATE template0`);
    try {
      await make(urlOf(server, draft));
    } catch (error) {
      await client.query(`DROP DATABASE ${draft} WITH (FORCE)`);
      throw error;
    }
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  });
  return template;
}

function urlOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

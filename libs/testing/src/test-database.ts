import { randomBytes } from 'node:crypto';
import {
  migrate,
  ServiceDatabase,
  serviceUrl,
  type SchemaMigrations,
  type ServiceName,
} from '@switchyard/database';
import pg from 'pg';

const roleSecret = 'the role secret of every test on this server';

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

/** A database of its own on the run's PostgreSQL, migrated as given; `close` drops it with all it opened. */
export async function createTestDatabase(schemas: readonly SchemaMigrations[]): Promise<TestDatabase> {
  const server = process.env['SWITCHYARD_TEST_DATABASE_URL'];
  if (!server) throw new Error('no test server: run through `npm test`');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  const adminUrl = url.href;
  await migrate({ url: adminUrl, roleSecret, schemas });
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

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

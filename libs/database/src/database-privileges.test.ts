import { randomBytes } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import pg from 'pg';
import { migrate, services } from './index.js';

const roleSecret = 'the role secret of every test on this server';

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('what the database itself allows a service', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase([]);
  });
  afterAll(() => database.close());

  it.each([
    'CREATE TEMPORARY TABLE t (n int)',
    'CREATE TABLE public.t (n int)',
    'SELECT lo_create(0)',
    'SELECT lo_creat(-1)',
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_put(1, 0, 'x')",
    "SELECT lowrite(0, 'x')",
    "SELECT lo_import('/etc/passwd')",
    'SELECT lo_open(1, 131072)',
  ])('nobody may: %s', async (sql) => {
    for (const service of services) {
      const own = database.open(service, 1);
      await expect(own.withTenant('acme', (tx) => tx.run(sql))).rejects.toThrow(/permission denied/);
      await expect(own.withPlatform('test', (tx) => tx.run(sql))).rejects.toThrow(/permission denied/);
    }
  });

  it('takes back what an administrator gave to everybody meanwhile, and writes nothing when there is nothing', async () => {
    await database.look('GRANT CREATE ON SCHEMA public TO PUBLIC');
    const again = () => migrate({ url: database.adminUrl, roleSecret, schemas: [] });
    await again();
    const written = () =>
      database.look(
        `SELECT (SELECT xmin::text FROM pg_database WHERE datname = current_database()) AS database,
           (SELECT xmin::text FROM pg_namespace WHERE nspname = 'public') AS schema,
           (SELECT xmin::text FROM pg_proc WHERE proname = 'lowrite') AS function,
           has_schema_privilege('switchyard_registry', 'public', 'CREATE') AS granted`,
      );
    const before = await written();
    expect(before).toMatchObject([{ granted: false }]);
    await again();
    expect(await written()).toEqual(before);
  });

  it('migrates as a plain owner of the database too, who may not change the catalog', async () => {
    const suffix = randomBytes(6).toString('hex');
    const [name, owner] = [`test_${suffix}`, `owner_${suffix}`];
    await database.look(`CREATE ROLE ${owner} LOGIN PASSWORD 'x'`);
    await database.look(`GRANT switchyard_owner TO ${owner}`);
    await database.look(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE template0`);
    const url = new URL(database.adminUrl);
    url.pathname = `/${name}`;
    const admin = url.href;
    url.username = owner;
    url.password = 'x';
    try {
      await migrate({ url: url.href, roleSecret, schemas: [{ schema: 'registry', migrations: [] }] });
      const rights = await connected(admin, (client) =>
        client.query(
          `SELECT has_database_privilege('switchyard_registry', '${name}', 'TEMPORARY') AS temporary,
             has_schema_privilege('switchyard_registry', 'public', 'CREATE') AS public,
             has_function_privilege('switchyard_registry', 'lo_create(oid)', 'EXECUTE') AS "largeObjects"`,
        ),
      );
      expect(rights.rows).toEqual([{ temporary: false, public: false, largeObjects: true }]);
    } finally {
      await database.look(`DROP DATABASE ${name} WITH (FORCE)`);
      await database.look(`DROP ROLE ${owner}`);
    }
  });
});

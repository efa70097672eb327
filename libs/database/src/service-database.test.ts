import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrate, tenantIsolation, type SchemaMigrations } from './index.js';

class Notes1 implements MigrationInterface {
  readonly name = 'Notes1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE tenants.notes (tenant_id text NOT NULL, id int NOT NULL, body text, PRIMARY KEY (tenant_id, id))',
    );
    for (const statement of tenantIsolation('tenants', 'notes')) await runner.query(statement);
  }

  async down(): Promise<void> {}
}

const schemas: SchemaMigrations[] = [{ schema: 'tenants', migrations: [Notes1] }];

describe('a service on its database', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase(schemas)));
  afterAll(() => database.close());

  it("sees its tenant's rows only, and none without a tenant", async () => {
    const tenants = database.open('tenants');
    await tenants.withTenant('acme', (tx) =>
      tx.run('INSERT INTO tenants.notes VALUES ($1, 1, $2)', ['acme', 'ours']),
    );
    await tenants.withTenant('globex', (tx) =>
      tx.run('INSERT INTO tenants.notes VALUES ($1, 1, $2)', ['globex', 'theirs']),
    );
    const read = (tenant: string) =>
      tenants.withTenant(tenant, (tx) => tx.query('SELECT body FROM tenants.notes'));
    expect(await read('acme')).toEqual([{ body: 'ours' }]);
    expect(await read('')).toEqual([]);
    expect(
      await tenants.withPlatform('count', (tx) => tx.one('SELECT count(*)::int AS n FROM tenants.notes')),
    ).toEqual({ n: 2 });
  });

  it("cannot write another tenant's row", async () => {
    const tenants = database.open('tenants');
    const write = tenants.withTenant('acme', (tx) =>
      tx.run('INSERT INTO tenants.notes VALUES ($1, 2, $2)', ['globex', 'x']),
    );
    await expect(write).rejects.toThrow(/row-level security/);
    expect(
      await tenants.withTenant('acme', (tx) =>
        tx.run('UPDATE tenants.notes SET body = $1 WHERE tenant_id = $2', ['x', 'globex']),
      ),
    ).toBe(0);
  });

  it('treats a tenant name as a value, whatever it holds', async () => {
    const tenants = database.open('tenants');
    const hostile = "x', true); SET ROLE switchyard_tenants_platform; --";
    expect(await tenants.withTenant(hostile, (tx) => tx.query('SELECT * FROM tenants.notes'))).toEqual([]);
  });

  it('leaves no tenant behind on a connection it gives back', async () => {
    const tenants = database.open('tenants', 1);
    await tenants.withTenant('acme', (tx) => tx.query('SELECT 1'));
    const left = await tenants.withPlatform('look', (tx) =>
      tx.one<{ t: string }>("SELECT current_setting('switchyard.tenant', true) AS t"),
    );
    expect(left?.t ?? '').toBe('');
  });

  it('rolls back and stays usable when the work throws or the database refuses', async () => {
    const tenants = database.open('tenants', 1);
    const failing = tenants.withTenant('acme', async (tx) => {
      await tx.run('INSERT INTO tenants.notes VALUES ($1, 77, $2)', ['acme', 'never']);
      throw new Error('decided otherwise');
    });
    await expect(failing).rejects.toThrow('decided otherwise');
    await expect(tenants.withTenant('acme', (tx) => tx.query('SELECT nothing FROM nowhere'))).rejects.toThrow(
      /nowhere/,
    );
    expect(
      await tenants.withTenant('acme', (tx) => tx.query('SELECT 1 AS one FROM tenants.notes WHERE id = 77')),
    ).toEqual([]);
  });

  it('runs what waits for the commit only after a commit', async () => {
    const tenants = database.open('tenants');
    const seen: string[] = [];
    await tenants.withTenant('acme', async (tx) => tx.afterCommit(() => seen.push('committed')));
    await tenants
      .withTenant('acme', async (tx) => {
        tx.afterCommit(() => seen.push('rolled back'));
        throw new Error('no');
      })
      .catch(() => undefined);
    expect(seen).toEqual(['committed']);
  });

  it('reads in one round trip, in the same context, and takes no statement after it', async () => {
    const tenants = database.open('tenants', 1);
    expect(
      await tenants.readInTenant('acme', (tx) => tx.query('SELECT body FROM tenants.notes WHERE id = 1')),
    ).toEqual([{ body: 'ours' }]);
    expect(await tenants.readInTenant('', (tx) => tx.query('SELECT body FROM tenants.notes'))).toEqual([]);
    await expect(
      tenants.readInTenant('acme', (tx) => tx.query('SELECT nothing FROM nowhere')),
    ).rejects.toThrow(/nowhere/);
    const late = tenants.readInTenant('acme', async (tx) => {
      await tx.query('SELECT 1');
      return await tx.query('SELECT body FROM tenants.notes');
    });
    await expect(late).rejects.toThrow(/has ended/);
    expect(await tenants.withTenant('acme', (tx) => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it("does not reach another service's schema", async () => {
    const registry = database.open('registry');
    await expect(
      registry.withPlatform('peek', (tx) => tx.query('SELECT * FROM tenants.notes')),
    ).rejects.toThrow(/permission denied/);
  });
});

describe('migrating', () => {
  it('ten processes at once on an empty database all succeed', async () => {
    const database = await createTestDatabase([]);
    const one = () => migrate({ url: database.adminUrl, roleSecret: database.roleSecret, schemas });
    await Promise.all(Array.from({ length: 10 }, one));
    expect(await database.look('SELECT count(*)::int AS n FROM tenants.migrations')).toEqual([{ n: 1 }]);
    await database.close();
  });
});

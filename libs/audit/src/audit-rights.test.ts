import { ownerRole, platformRole, serviceRole, services } from '@switchyard/database';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { auditSchema, listAudit, recordAudit, sealAudit, verifyAudit } from './index.js';

const roles = [ownerRole, ...services.flatMap((service) => [serviceRole(service), platformRole(service)])];
const others = services.filter((service) => service !== 'tenants');
const entry = { action: 'test', outcome: 'Success', actor: 'ann', actorKind: 'user' } as const;

describe('rights on the audit log', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase([auditSchema]);
    for (const tenant of ['acme', 'globex', null])
      await db.open('gateway').withPlatform('write', (tx) => recordAudit(tx, { ...entry, tenant }));
    await db.open('tenants').withPlatform('seal', (tx) => sealAudit(tx, { batch: 10 }));
    await db.open('gateway').withPlatform('write', (tx) => recordAudit(tx, { ...entry, tenant: 'acme' }));
  });
  afterAll(() => db.close());

  const as = (role: string, statement: string) =>
    db.look(`SET ROLE ${role}; SELECT set_config('switchyard.tenant', 'acme', false); ${statement}`);

  describe.each(roles)('%s', (role) => {
    it.each(['entries', 'seals'])('changes and removes no %s', async (table) => {
      const refused = /permission denied|only ever added to/;
      await expect(as(role, `UPDATE audit.${table} SET entry_id = entry_id`)).rejects.toThrow(refused);
      await expect(as(role, `DELETE FROM audit.${table}`)).rejects.toThrow(refused);
      await expect(as(role, `TRUNCATE audit.${table} CASCADE`)).rejects.toThrow(refused);
    });
  });

  it.each(roles.filter((role) => role !== ownerRole))('%s has these rights and no others', async (role) => {
    const held = await db.look<{ held: string }>(
      `SELECT lower(p) || ' ' || t AS held FROM unnest(array['entries', 'unsealed', 'seals', 'heads']) AS t,
         unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
       WHERE has_table_privilege($1, 'audit.' || t, p)
       UNION ALL SELECT 'choose ' || column_name FROM information_schema.columns
       WHERE table_schema = 'audit' AND table_name = 'entries' AND has_column_privilege($1, 'audit.entries', column_name, 'INSERT')`,
      [role],
    );
    const adds = 'tenant_id action outcome actor actor_kind subject address trace_id details count'
      .split(' ')
      .map((c) => `choose ${c}`);
    const reads = ['entries', 'unsealed', 'seals', 'heads'].map((table) => `select ${table}`);
    const seals = ['delete unsealed', 'insert seals', 'insert heads', 'update heads'];
    const expected = [
      ...adds,
      ...(role.startsWith('switchyard_tenants') ? reads : []),
      ...(role === platformRole('tenants') ? seals : []),
    ];
    expect(held.map((row) => row.held).toSorted()).toEqual(expected.toSorted());
  });

  it.each(others)('%s adds and cannot read', async (service) => {
    const database = db.open(service);
    await database.withTenant('acme', (tx) => recordAudit(tx, { ...entry, tenant: 'acme' }));
    for (const table of ['entries', 'unsealed', 'seals', 'heads']) {
      await expect(
        database.withTenant('acme', (tx) => tx.query(`SELECT * FROM audit.${table}`)),
      ).rejects.toThrow(/permission denied/);
      await expect(
        database.withPlatform('read', (tx) => tx.query(`SELECT * FROM audit.${table}`)),
      ).rejects.toThrow(/permission denied/);
    }
    await expect(database.withPlatform('seal', (tx) => sealAudit(tx, { batch: 1 }))).rejects.toThrow(
      /permission denied/,
    );
  });

  it.each(services)("a tenant's transaction of %s adds to its own chain only", async (service) => {
    const add = (tenant: string | null) =>
      db.open(service).withTenant('acme', (tx) => recordAudit(tx, { ...entry, tenant }));
    await expect(add('globex')).rejects.toThrow(/row-level security/);
    await expect(add(null)).rejects.toThrow(/row-level security/);
  });

  it('a tenant reads its own entries, seals, head and queue only', async () => {
    const tenants = db.open('tenants');
    const seen = await tenants.withTenant('globex', (tx) =>
      tx.one(`SELECT (SELECT array_agg(DISTINCT tenant_id) FROM audit.entries) AS entries, (SELECT array_agg(chain) FROM audit.seals) AS seals,
        (SELECT array_agg(chain) FROM audit.heads) AS heads, (SELECT array_agg(chain) FROM audit.unsealed) AS unsealed`),
    );
    expect(seen).toEqual({
      entries: ['globex'],
      seals: ['tenant:globex'],
      heads: ['tenant:globex'],
      unsealed: null,
    });
    expect(
      (await tenants.withTenant('globex', (tx) => listAudit(tx, { limit: 9, offset: 0, tenant: 'acme' })))
        .entries,
    ).toEqual([]);
    await expect(tenants.withTenant('globex', (tx) => verifyAudit(tx, 'acme'))).rejects.toThrow(
      'cannot verify',
    );
    await expect(tenants.withTenant('globex', (tx) => verifyAudit(tx, null))).rejects.toThrow(
      'cannot verify',
    );
    await expect(tenants.withTenant('globex', (tx) => sealAudit(tx, { batch: 1 }))).resolves.toBe(0);
    await expect(tenants.withTenant('acme', (tx) => sealAudit(tx, { batch: 1 }))).rejects.toThrow(
      /permission denied/,
    );
  });

  it('nobody chooses the id or the time of an entry, or queues what is none', async () => {
    const insert = (column: string, value: string) =>
      as(
        platformRole('tenants'),
        `INSERT INTO audit.entries (action, outcome, actor, actor_kind, details, count, ${column}) VALUES ('a', 'Success', 'b', 'user', '{}', 1, ${value})`,
      );
    await expect(insert('entry_id', 'gen_random_uuid()')).rejects.toThrow(/permission denied/);
    await expect(insert('occurred_at', 'now()')).rejects.toThrow(/permission denied/);
    const queue = `INSERT INTO audit.unsealed (entry_id, chain) VALUES (gen_random_uuid(), 'platform')`;
    await expect(as(platformRole('tenants'), queue)).rejects.toThrow(/permission denied/);
  });

  it('even an administrator cannot change it by a slip of the hand', async () => {
    await expect(db.look(`UPDATE audit.entries SET actor = 'bob'`)).rejects.toThrow('only ever added to');
    await expect(db.look(`DELETE FROM audit.seals`)).rejects.toThrow('only ever added to');
  });
});

import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import type { ServiceDatabase } from '@switchyard/database';
import { counted } from '../contract/test-events.js';
import { DeadLetters, eventsSchema, feedPut, feedRemove, publish } from '../index.js';

describe('what a service may do with events', () => {
  let database: TestDatabase;
  let registry: ServiceDatabase;
  beforeAll(async () => {
    database = await createTestDatabase([eventsSchema]);
    registry = database.open('registry');
    await database.look(
      `INSERT INTO events.dead_letters (group_name, event_id, epoch, seq, type, version, source, tenant, key, time, data, error, attempts)
       SELECT g, gen_random_uuid(), 1, 1, 't', 1, 's', tenant, 'k', now(), '{}', 'e', 1
       FROM unnest(ARRAY['registry', 'deployments']) g, unnest(ARRAY['acme', 'globex']) tenant`,
    );
    await database.look(
      "INSERT INTO events.cursors (group_name, partition) VALUES ('deployments', 0), ('registry', 0)",
    );
  });
  afterAll(() => database.close());

  const inTenant = (sql: string) => registry.withTenant('acme', (tx) => tx.query(sql));
  const inPlatform = (sql: string) => registry.withPlatform('test', (tx) => tx.query(sql));

  it('publishes for the tenant of its transaction, as itself', async () => {
    await registry.withTenant('acme', (tx) => publish(tx, counted, { tenant: 'acme', data: { n: 1 } }));
    expect(await database.look('SELECT source, tenant, key FROM events.outbox')).toEqual([
      { source: 'registry', tenant: 'acme', key: 'acme' },
    ]);
    const other = registry.withTenant('acme', (tx) =>
      publish(tx, counted, { tenant: 'globex', data: { n: 1 } }),
    );
    await expect(other).rejects.toThrow(/row-level security/);
    const nobody = registry.withTenant('acme', (tx) =>
      publish(tx, counted, { tenant: null, key: 'k', data: { n: 1 } }),
    );
    await expect(nobody).rejects.toThrow(/row-level security/);
  });

  it('publishes only what the definition allows', async () => {
    const wrong = registry.withTenant('acme', (tx) =>
      publish(tx, counted, { tenant: 'acme', data: { n: 'one' } as never }),
    );
    await expect(wrong).rejects.toThrow(/expected number/);
    await expect(
      registry.withPlatform('test', (tx) => publish(tx, counted, { tenant: null, data: { n: 1 } })),
    ).rejects.toThrow(/needs a key/);
  });

  it.each([
    'SELECT * FROM events.outbox',
    'DELETE FROM events.outbox',
    "INSERT INTO events.outbox (id, type, version, source, tenant, key, data) VALUES (gen_random_uuid(), 't', 1, 'tenants', 'acme', 'k', '{}')",
    "INSERT INTO events.log (epoch, seq, logged_at, partition, id, type, version, source, key, time, data) VALUES (1, 1, now(), 0, gen_random_uuid(), 't', 1, 's', 'k', now(), '{}')",
    'DELETE FROM events.log',
    'UPDATE events.state SET seq = 0',
    'UPDATE events.feed_heads SET version = 0',
    "SELECT events.raise_epoch('mine')",
    "SELECT events.forget_group('deployments')",
    'DELETE FROM events.inbox',
    'DELETE FROM events.cursors',
  ])('is refused: %s', async (sql) => {
    await expect(inTenant(sql)).rejects.toThrow(/permission denied/);
    await expect(inPlatform(sql)).rejects.toThrow(/permission denied/);
  });

  it('reads the log in platform transactions only', async () => {
    await expect(inTenant('SELECT * FROM events.log')).rejects.toThrow(/permission denied/);
    expect(await inPlatform('SELECT * FROM events.log')).toEqual([]);
  });

  it("does not reach other groups' cursors, inbox and dead letters", async () => {
    expect(await inPlatform('UPDATE events.cursors SET seq = 9 RETURNING group_name')).toEqual([
      { group_name: 'registry' },
    ]);
    await expect(
      inPlatform("INSERT INTO events.inbox VALUES ('deployments', gen_random_uuid())"),
    ).rejects.toThrow(/row-level security/);
    await expect(
      inTenant("INSERT INTO events.inbox VALUES ('deployments', gen_random_uuid())"),
    ).rejects.toThrow(/row-level security/);
    expect(await inTenant('SELECT DISTINCT group_name, tenant FROM events.dead_letters')).toEqual([
      { group_name: 'registry', tenant: 'acme' },
    ]);
    expect(await inPlatform('UPDATE events.dead_letters SET attempts = 2 RETURNING group_name')).toHaveLength(
      2,
    );
    expect(
      await inPlatform("DELETE FROM events.dead_letters WHERE group_name = 'deployments' RETURNING 1"),
    ).toEqual([]);
  });

  it('lets tenants, and no other, administer the dead letters of all groups, a page at a time', async () => {
    const letters = new DeadLetters();
    const tenants = database.open('tenants');
    const page = await tenants.withPlatform('admin', (tx) => letters.list(tx, {}, { limit: 3, offset: 0 }));
    expect(page.rows).toHaveLength(3);
    const rest = await tenants.withPlatform('admin', (tx) =>
      letters.list(tx, {}, { limit: 3, offset: 0, cursor: page.nextCursor ?? '' }),
    );
    expect(rest).toMatchObject({ rows: [{ group: 'registry' }], nextCursor: null });
    await expect(
      tenants.withPlatform('admin', (tx) =>
        letters.list(tx, { type: 't' }, { limit: 3, offset: 0, cursor: page.nextCursor ?? '' }),
      ),
    ).rejects.toThrow(/cursor/);
    const foreign = [...page.rows, ...rest.rows].find((letter) => letter.group === 'deployments')?.id ?? '';
    expect(await registry.withPlatform('admin', (tx) => letters.drop(tx, foreign))).toBe(false);
    expect(await tenants.withPlatform('admin', (tx) => letters.get(tx, foreign))).toMatchObject({
      id: foreign,
    });
    expect(await tenants.withPlatform('admin', (tx) => letters.drop(tx, foreign))).toBe(true);
    expect(await tenants.withPlatform('admin', (tx) => letters.get(tx, foreign))).toBeUndefined();
    expect(await tenants.withPlatform('admin', (tx) => letters.replay(tx, 'nonsense'))).toBe(false);
  });

  it('writes its own feeds only, reads all, and does not choose a version', async () => {
    await registry.withTenant('acme', (tx) => feedPut(tx, 'registry.mine', 'k', 1));
    await database.open('tenants').withPlatform('x', (tx) => feedPut(tx, 'tenants.theirs', 'k', 1));
    await expect(registry.withTenant('acme', (tx) => feedPut(tx, 'tenants.theirs', 'k', 2))).rejects.toThrow(
      /row-level security/,
    );
    await expect(registry.withPlatform('x', (tx) => feedRemove(tx, 'tenants.theirs', 'k'))).rejects.toThrow(
      /row-level security/,
    );
    await expect(
      inTenant("UPDATE events.feed_rows SET version = 99 WHERE feed = 'registry.mine'"),
    ).rejects.toThrow(/row-level security/);
    expect(await inTenant('SELECT feed, version FROM events.feed_rows ORDER BY feed')).toEqual([
      { feed: 'registry.mine', version: '1' },
      { feed: 'tenants.theirs', version: '1' },
    ]);
  });
});

import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { services, type ServiceDatabase, type ServiceName } from '@switchyard/database';
import { counted } from '../contract/test-events.js';
import { eventsSchema, feedPut, feedRemove, publish } from '../index.js';

describe('what a service cannot do to the others, whatever it sends', () => {
  let database: TestDatabase;
  let registry: ServiceDatabase;
  beforeEach(async () => {
    database = await createTestDatabase([eventsSchema]);
    registry = database.open('registry');
    await inPlatform('SELECT events.agree_on_partitions(8)');
  });
  afterEach(() => database.close());

  const inPlatform = (sql: string) => registry.withPlatform('test', (tx) => tx.query(sql));
  const publishOne = () =>
    registry.withTenant('acme', (tx) => publish(tx, counted, { tenant: 'acme', data: { n: 1 } }));
  const sequence = () =>
    inPlatform("SELECT leads, moved FROM events.sequence('honest', '5 seconds', true, 100)");
  const partitions = () =>
    database.look<{ name: string; until: Date }>(
      'SELECT name::text, until FROM events.log_partitions() ORDER BY until',
    );

  describe('retention', () => {
    it.each(['-10 years', '0', '-infinity', '-1000 years 360000 days 2 hours'])(
      'keeps what is young and what is to come when asked for %s',
      async (keep) => {
        await publishOne();
        await sequence();
        const before = await partitions();
        expect(before.length).toBeGreaterThan(1);
        await database.look(
          "INSERT INTO events.inbox VALUES ('deployments', gen_random_uuid(), now() - interval '10 minutes')",
        );
        await registry.withPlatform('x', (tx) => feedPut(tx, 'registry.mine', 'k', 1));
        await registry.withPlatform('x', (tx) => feedRemove(tx, 'registry.mine', 'k'));
        await inPlatform(`SELECT events.retain('${keep}')`);
        await database.look('DELETE FROM events.log');
        await inPlatform(`SELECT events.prune_inbox('${keep}', 10000)`);
        await inPlatform(`SELECT events.prune_feeds('${keep}')`);
        expect(await partitions()).toEqual(before);
        expect(await database.look('SELECT 1 FROM events.inbox')).toHaveLength(1);
        expect(await database.look('SELECT 1 FROM events.feed_rows')).toHaveLength(1);
        await publishOne();
        expect(await sequence()).toEqual([{ leads: expect.any(Boolean), moved: 1 }]);
      },
    );

    it('heals a log whose partitions somebody dropped', async () => {
      await publishOne();
      await sequence();
      const before = await partitions();
      for (const { name } of before) await database.look(`DROP TABLE ${name}`);
      await publishOne();
      expect(await sequence()).toMatchObject([{ moved: 1 }]);
      expect(await partitions()).toEqual(before);
    });

    it('fills a gap up to the partition that follows it', async () => {
      await publishOne();
      await sequence();
      const before = await partitions();
      await database.look(`DROP TABLE ${before[0]?.name ?? ''}`);
      await database.look("UPDATE events.state SET span = '7 days'");
      await publishOne();
      expect(await sequence()).toMatchObject([{ moved: 1 }]);
      expect((await partitions())[0]?.until).toEqual(before[0]?.until);
    });
  });

  describe('forging', () => {
    const insert = (type: string) =>
      `INSERT INTO events.outbox (id, type, version, tenant, key, data)
       VALUES (gen_random_uuid(), '${type}', 1, 'acme', 'acme', '{"version": 2000000000}')`;
    const owned: [string, ServiceName][] = [
      ['tenant.updated', 'tenants'],
      ['plugin.moved', 'registry'],
      ['deployment.ended', 'deployments'],
      ['health.changed', 'health'],
      ['gateway.started', 'gateway'],
    ];

    it.each(owned)('lets %s be published by %s alone', async (type, owner) => {
      for (const service of services) {
        const own = database.open(service, 1);
        for (const attempt of [
          () => own.withTenant('acme', (tx) => tx.run(insert(type))),
          () => own.withPlatform('test', (tx) => tx.run(insert(type))),
        ])
          if (service === owner) expect(await attempt()).toBe(1);
          else await expect(attempt()).rejects.toThrow(/row-level security/);
      }
      expect(await database.look('SELECT DISTINCT source FROM events.outbox')).toEqual([{ source: owner }]);
    });

    it('leaves types without an owner to all, and the table of owners to none', async () => {
      expect(await registry.withTenant('acme', (tx) => tx.run(insert('test.counted')))).toBe(1);
      for (const sql of [
        "UPDATE events.type_owners SET service = 'registry'",
        'DELETE FROM events.type_owners',
      ])
        await expect(inPlatform(sql)).rejects.toThrow(/permission denied/);
    });
  });

  describe('sequencing', () => {
    const lead = (name: string, lease: string, most = 100) =>
      inPlatform(`SELECT leads, moved FROM events.sequence('${name}', '${lease}', false, ${most})`);
    const state = () =>
      database.look<{ sequencer: string; seconds: number }>(
        'SELECT sequencer, extract(epoch FROM sequencer_until - clock_timestamp())::float8 AS seconds FROM events.state',
      );

    it.each(['100 years', 'infinity', '1000 years -359990 days'])(
      'gives the lease for a minute at most, also when asked for %s',
      async (lease) => {
        expect(await lead('eve', lease)).toEqual([{ leads: true, moved: 0 }]);
        const [now] = await state();
        expect(now?.seconds).toBeGreaterThan(50);
        expect(now?.seconds).toBeLessThanOrEqual(60);
      },
    );

    it.each([
      "NULL, '5 seconds', false, 100",
      "'', '5 seconds', false, 100",
      "repeat('x', 301), '5 seconds', false, 100",
      "'eve', NULL, false, 100",
      "'eve', '-10 years', false, 100",
      "'eve', '-infinity', false, 100",
      "'eve', '-1000 years 360000 days 1 second', false, 0",
      "'eve', '5 seconds', NULL, 100",
      "'eve', '5 seconds', false, NULL",
      "'eve', '5 seconds', false, 0",
      "'eve', '5 seconds', true, -1",
      "'eve', '5 seconds', false, 2147483647",
    ])('refuses events.sequence(%s), and the leader stays', async (parameters) => {
      await lead('honest', '5 seconds');
      await expect(inPlatform(`SELECT * FROM events.sequence(${parameters})`)).rejects.toThrow(
        /events.sequence needs/,
      );
      expect(await state()).toMatchObject([{ sequencer: 'honest' }]);
    });

    it('moves what waits for whoever keeps the lease, and for whoever published', async () => {
      await lead('eve', '100 years', 1);
      for (let i = 0; i < 3; i += 1) await publishOne();
      expect(await lead('honest', '5 seconds')).toEqual([{ leads: false, moved: 0 }]);
      expect(await lead('eve', '100 years', 1)).toEqual([{ leads: true, moved: 1 }]);
      expect(await sequence()).toEqual([{ leads: false, moved: 2 }]);
      await database.look('UPDATE events.state SET sequencer_until = clock_timestamp()');
      expect(await lead('honest', '5 seconds')).toEqual([{ leads: true, moved: 0 }]);
    });

    it.each([0, -1, 257])('does not agree on %s partitions', async (wanted) => {
      await database.look('UPDATE events.state SET partitions = NULL');
      await expect(inPlatform(`SELECT events.agree_on_partitions(${wanted})`)).rejects.toThrow(/check/);
    });
  });
});

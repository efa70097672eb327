import { eventually } from '@switchyard/testing';
import type { ServiceDatabase } from '@switchyard/database';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { publish } from '../publish.js';
import { crashContract } from './crash-contract.js';
import { restoreContract } from './restore-contract.js';
import { platformEvent, ignored } from './test-events.js';
import { clean, countUp, ledger, recordEffect, tallied, tally } from './test-world.js';
import type { TransportHarness, World } from './transport-harness.js';

const patience = 40_000;
const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`);

/** What every transport promises to those who publish and those who handle. */
export function eventTransportContract(name: string, harness: TransportHarness): void {
  describe(`events over ${name}`, () => {
    let world: World;
    let writer: ServiceDatabase;
    beforeEach(async () => {
      world = await harness.open();
      writer = world.database.open('registry', 12);
    });
    afterEach(() => world.close());
    afterAll(() => process.stdout.write(`events over ${name}: ${tallied(name)}\n`));

    const settled = async (): Promise<void> => {
      const result = await eventually(async () => {
        const now = await ledger(world.database);
        expect(now.losses).toBe(0);
        return now;
      }, patience);
      tally(name, { ...result });
      expect(result).toEqual(clean(result.events));
    };

    it('keeps the order of each key and loses nothing under ten writers with random delays and rollbacks', async () => {
      await world.replica();
      await world.replica();
      await Promise.all(
        Array.from({ length: 10 }, async (_, w) => {
          for (let i = 0; i < 40; i += 1) {
            const key = keys[(w * 7 + i * 5) % keys.length] ?? '';
            await countUp(writer, key, {
              delay: Math.random() < 0.4 ? Math.random() * 20 : 0,
              fail: Math.random() < 0.2,
            });
          }
        }),
      );
      await settled();
    });

    it('has an effect once, however often an event is delivered', async () => {
      const replica = await world.replica();
      const half = (): Promise<void[]> =>
        Promise.all(
          keys.map(async (key) => {
            for (let i = 0; i < 5; i += 1) await countUp(writer, key);
          }),
        );
      await half();
      await settled();
      for (let round = 1; round <= 3; round += 1) {
        await world.deliverAllAgain();
        await half();
        await eventually(
          () =>
            expect(replica.runtime.counters.of('registry')?.duplicates ?? 0).toBeGreaterThanOrEqual(
              round * 60,
            ),
          patience,
        );
        await settled();
      }
      tally(name, { duplicatesInjected: replica.runtime.counters.of('registry')?.duplicates ?? 0 });
    });

    it('handles again what a killed connection interrupted', async () => {
      let kills = 0;
      const handler: typeof recordEffect = async (event, context) => {
        await recordEffect(event, context);
        if (event.data.n % 3 !== 0 || kills >= 12 || Math.random() < 0.3) return;
        const row = await context.tx.one<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        kills += 1;
        await world.database.look('SELECT pg_terminate_backend($1)', [row?.pid]);
      };
      await world.replica({ handlers: { counted: handler } });
      for (let i = 0; i < 9; i += 1) await Promise.all(keys.slice(0, 6).map((key) => countUp(writer, key)));
      await settled();
      expect(kills).toBeGreaterThan(5);
      tally(name, { connectionsKilled: kills });
      expect(await world.database.look('SELECT * FROM events.dead_letters')).toEqual([]);
    });

    it('puts a poisonous event aside, goes on with the key, and handles it again when asked', async () => {
      let poisonous = true;
      const attempts: number[] = [];
      const replica = await world.replica({
        handlers: {
          counted: async (event, context) => {
            if (event.data.n === 2) attempts.push(context.attempt);
            await recordEffect(event, context);
            if (event.data.n === 2 && poisonous) throw new Error('cannot digest this');
          },
        },
      });
      for (let i = 0; i < 4; i += 1) await countUp(writer, 'key-0');
      const seen = (): Promise<{ n: number }[]> =>
        world.database.look('SELECT n FROM registry.effects ORDER BY id');
      await eventually(async () => expect(await seen()).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }]), patience);
      expect(attempts).toEqual([1, 2, 3, 4]);

      const letters = new DeadLetters();
      const tenants = world.database.open('tenants');
      const { rows: deadLetters } = await tenants.withPlatform('admin', (tx) =>
        letters.list(tx, { group: 'registry' }, { limit: 20, offset: 0 }),
      );
      expect(deadLetters).toMatchObject([
        {
          group: 'registry',
          error: 'Error: cannot digest this',
          attempts: 4,
          event: { tenant: 'acme', data: { n: 2 } },
        },
      ]);
      await world.deliverAllAgain();
      await eventually(
        () => expect(replica.runtime.counters.of('registry')?.duplicates).toBeGreaterThanOrEqual(4),
        patience,
      );
      expect(await seen()).toHaveLength(3);

      poisonous = false;
      const id = deadLetters[0]?.id ?? '';
      expect(await tenants.withPlatform('admin', (tx) => letters.replay(tx, id))).toBe(true);
      await eventually(
        async () => expect(await seen()).toEqual([{ n: 1 }, { n: 3 }, { n: 4 }, { n: 2 }]),
        patience,
      );
      expect(
        await tenants.withPlatform('admin', (tx) => letters.list(tx, {}, { limit: 20, offset: 0 })),
      ).toMatchObject({ rows: [] });
    });

    it('shares the partitions among replicas and hands them over when one leaves or comes', async () => {
      const first = await world.replica();
      await eventually(async () => expect(await first.share()).toBe(8), patience);
      const second = await world.replica();
      await eventually(
        async () => expect([await first.share(), await second.share()]).toEqual([4, 4]),
        patience,
      );
      const writing = Promise.all(
        keys.map(async (key) => {
          for (let i = 0; i < 30; i += 1) await countUp(writer, key, { delay: 5 });
        }),
      );
      await first.stop();
      await eventually(async () => expect(await second.share()).toBe(8), patience);
      const third = await world.replica();
      await eventually(async () => expect(await third.share()).toBe(4), patience);
      await writing;
      await settled();
      const began = Date.now();
      await second.stop();
      expect(Date.now() - began).toBeLessThan(2_000);
    });

    it('lets a slow handler end, beyond its lease, while others wait for nothing', async () => {
      const slow: typeof recordEffect = async (event, context) => {
        if (event.key === 'key-0') await context.tx.query('SELECT pg_sleep(1.2)');
        await recordEffect(event, context);
      };
      await world.replica({ handlers: { counted: slow }, leaseMs: 300 });
      await world.replica({ handlers: { counted: slow }, leaseMs: 300 });
      for (const key of keys.slice(0, 4)) for (let i = 0; i < 2; i += 1) await countUp(writer, key);
      await settled();
    });

    it('delivers what was written while the transport was away', async () => {
      await world.replica();
      let writing = true;
      const writers = Promise.all(
        keys.map(async (key) => {
          while (writing) await countUp(writer, key, { delay: 10 });
        }),
      );
      await countUp(writer, 'key-0');
      await world.interrupt();
      writing = false;
      await writers;
      await settled();
      expect(await world.database.look('SELECT * FROM events.dead_letters')).toEqual([]);
    });

    it('passes over what nobody handles, and brings events of the platform without a tenant', async () => {
      const got: (string | null)[] = [];
      await world.replica({
        handlers: { platform: (event, { tx }) => void got.push(event.tenant, tx.tenant) },
      });
      await writer.withPlatform('test', (tx) => publish(tx, ignored, { tenant: null, key: 'p', data: {} }));
      await writer.withPlatform('test', (tx) =>
        publish(tx, platformEvent, { tenant: null, key: 'p', data: { n: 1 } }),
      );
      await countUp(writer, 'p');
      await settled();
      await eventually(() => expect(got).toEqual([null, null]), patience);
    });

    it('does not wait for a long transaction of somebody else', async () => {
      await world.replica();
      await countUp(writer, 'key-0');
      await settled();
      const foreign = world.database.open('tenants');
      let end = (): void => undefined;
      const open = foreign.withPlatform('long', async (tx) => {
        await tx.query('SELECT pg_current_xact_id()');
        await new Promise<void>((resolve) => (end = resolve));
      });
      const began = Date.now();
      for (const key of keys) await countUp(writer, key);
      await settled();
      const took = Date.now() - began;
      end();
      await open;
      expect(took).toBeLessThan(5_000);
    });

    it('brings an event that was published early and committed late', async () => {
      await world.replica();
      const late = countUp(writer, 'late', { delay: 1_500 });
      const until = Date.now() + 1_300;
      while (Date.now() < until) await countUp(writer, 'key-0');
      await late;
      await settled();
    });

    crashContract(name, () => world);
    restoreContract(name, harness);
  });
}

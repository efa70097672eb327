import { eventually, type TestDatabase } from '@switchyard/testing';
import { EventStats } from '../stats/event-stats.js';
import { BackedUpCluster } from './restored-cluster.js';
import { clean, countUp, ledger, tally } from './test-world.js';
import type { Replica, TransportHarness, World } from './transport-harness.js';

const keys = Array.from({ length: 6 }, (_, i) => `key-${i}`);
const patience = 40_000;

async function countAll(database: TestDatabase, times: number): Promise<void> {
  const writer = database.open('registry');
  for (let i = 0; i < times; i += 1) await Promise.all(keys.map((key) => countUp(writer, key)));
}

async function settled(database: TestDatabase): Promise<void> {
  const result = await eventually(async () => {
    const now = await ledger(database);
    expect(now.losses).toBe(0);
    return now;
  }, patience);
  expect(result).toEqual(clean(result.events));
}

interface Logged {
  epoch: string;
  seq: string;
  id: string;
}
const logged = (database: TestDatabase): Promise<Logged[]> =>
  database.look<Logged & { [k: string]: unknown }>('SELECT epoch, seq, id FROM events.log');

/** Everything that was published has left for the transport. */
async function drained(replica: Replica): Promise<void> {
  const stats = new EventStats(replica.runtime);
  await eventually(async () => {
    const { outbox, groups } = await stats.collect();
    expect(outbox.depth).toBe(0);
    for (const group of groups) if (group.transport === 'log') expect(group.lagEvents).toBe(0);
  }, patience);
}

/** The database goes back to its backup while consumers, and Kafka, were further. */
export function restoreContract(name: string, harness: TransportHarness): void {
  it('skips no event and gives no (epoch, seq) twice when the database is restored from a backup', async () => {
    const cluster = new BackedUpCluster();
    try {
      // Before the backup: some events are handled, some wait.
      const first = await cluster.begin();
      const world1 = await harness.open(first);
      const replica1 = await world1.replica();
      await countAll(first, 5);
      await settled(first);
      await replica1.stop();
      await countAll(first, 2);
      await world1.close();

      // After it: those that waited are handled, further ones too, and some only wait in the transport.
      const second = await cluster.backUp(first);
      const world2 = await harness.open(second, world1);
      const replica2 = await world2.replica();
      await countAll(second, 4);
      await settled(second);
      await replica2.strategy.close();
      await countAll(second, 3);
      if (world2.kafka) await drained(replica2);
      const lost = await logged(second);
      await world2.close();

      // The backup again: what waited then is handled, what came later never was.
      const third = await cluster.restore(second);
      const world3: World = await harness.open(third, world1);
      const replica3 = await world3.replica();
      await settled(third);
      await countAll(third, 6);
      await settled(third);
      const [epochs] = await third.look<{ n: number }>('SELECT count(*)::int AS n FROM events.epochs');
      expect(epochs?.n).toBe(1);
      const names = new Map<string, string>();
      for (const { epoch, seq, id } of [...lost, ...(await logged(third))]) {
        const name = `${epoch}/${seq}`;
        expect(names.get(name) ?? id).toBe(id);
        names.set(name, id);
      }
      if (world3.kafka) expect(replica3.runtime.counters.of('registry')?.foreign).toBeGreaterThanOrEqual(18);
      tally(name, {
        ...(await ledger(third)),
        restores: 1,
        eventsOfTheLostDatabasePassedOver: replica3.runtime.counters.of('registry')?.foreign ?? 0,
      });
      await world3.close();
    } finally {
      await cluster.end();
    }
  }, 120_000);
}

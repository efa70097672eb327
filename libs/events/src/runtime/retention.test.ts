import type { ServiceDatabase } from '@switchyard/database';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { GroupLeases } from '../consuming/group-leases.js';
import { counted, testSchemas } from '../contract/test-events.js';
import { countUp, recordEffect, register } from '../contract/test-world.js';
import { createEventRuntime, EventLogStrategy, EventStats, type EventRuntime } from '../index.js';

describe('retention of the log', () => {
  let database: TestDatabase;
  let own: ServiceDatabase;
  let runtime: EventRuntime;
  const ends: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    database = await createTestDatabase(testSchemas);
    await database.look("UPDATE events.state SET span = '300 milliseconds', least_kept = '0'");
    own = database.open('registry', 10);
    runtime = createEventRuntime({ database: own, directUrl: database.urlFor('registry'), retentionMs: 0 });
    ends.push(() => runtime.stop());
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await database.close();
  });

  const listen = async (group: string): Promise<void> => {
    const strategy = new EventLogStrategy({ runtime, database: own });
    if (group === 'registry') register(strategy, {});
    else
      strategy.addHandler('x', recordEffect as Parameters<EventLogStrategy['addHandler']>[1], true, {
        definition: counted,
        group,
      });
    await new Promise<void>((resolve, reject) =>
      strategy.listen((error) => (error ? reject(error) : resolve())),
    );
    ends.push(() => strategy.close());
  };
  const count = async (table: string): Promise<number> =>
    (await database.look<{ n: number }>(`SELECT count(*)::int AS n FROM events.${table}`))[0]?.n ?? 0;

  it('drops partitions that every group has passed, and none that one still needs', async () => {
    await listen('registry');
    const still = new GroupLeases({
      database: own,
      group: 'registry.still',
      member: 'm',
      partitions: 8,
      leaseMs: 60_000,
    });
    await still.join();
    for (let i = 0; i < 20; i += 1) await countUp(own, `key-${i}`);
    await eventually(async () => expect(await count('inbox')).toBe(20));
    // Its time is over once a later partition has begun.
    const stats = new EventStats(runtime);
    await eventually(async () =>
      expect(await runtime.tidy()).toEqual({ dropped: expect.any(Number), heldBy: ['registry.still'] }),
    );
    expect(await count('log')).toBe(20);
    expect(await count('inbox')).toBe(20);
    expect((await stats.collect()).retentionHeldBy).toEqual(['registry.still']);
    expect((await stats.collect()).groups.find((group) => group.group === 'registry.still')).toMatchObject({
      lagEvents: 20,
      members: 1,
    });

    await still.leave();
    await listen('registry.still');
    await eventually(async () => {
      await runtime.tidy();
      expect(await count('log')).toBe(0);
    });
    await eventually(async () => {
      await runtime.tidy();
      expect(await count('inbox')).toBe(0);
    });
    await countUp(own, 'key-0');
    await eventually(async () => expect(await count('inbox')).toBe(2));
    expect((await stats.collect()).retentionHeldBy).toEqual([]);
  });

  it('makes room ahead of time, also after the platform stood still', async () => {
    await listen('registry');
    for (let i = 0; i < 5; i += 1) {
      await countUp(own, 'key-0');
      await database.look('SELECT pg_sleep(0.4)');
    }
    await eventually(async () => expect(await count('inbox')).toBe(5));
    const [state] = await database.look<{ ahead: boolean }>(
      'SELECT covered_until > logged_at + span AS ahead FROM events.state',
    );
    expect(state?.ahead).toBe(true);
  });

  it('refuses a process that was set to another number of partitions', async () => {
    await runtime.start();
    const other = createEventRuntime({ database: own, partitions: 16 });
    await expect(other.start()).rejects.toThrow(
      'the event log has 8 partitions and this process is set to 16',
    );
    await other.stop();
    expect(() => createEventRuntime({ database: own, partitions: 0 })).toThrow(/partitions/);
  });

  it('tells what waits in the outbox and who holds back vacuum', async () => {
    const stats = new EventStats(createEventRuntime({ database: own }));
    const foreign = database.open('tenants');
    let end = (): void => undefined;
    const open = foreign.withPlatform('long', async (tx) => {
      await tx.query('SELECT pg_current_xact_id()');
      await new Promise<void>((resolve) => (end = resolve));
    });
    await countUp(own, 'key-0');
    const numbers = await eventually(async () => {
      const now = await stats.collect();
      expect(now.oldestTransaction).not.toBeNull();
      return now;
    });
    end();
    await open;
    expect(numbers.outbox.depth).toBe(1);
    expect(numbers.oldestTransaction?.pid).toBeGreaterThan(0);
    expect(numbers.listening).toBe(false);
  });
});

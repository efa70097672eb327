import type { ServiceDatabase } from '@switchyard/database';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import {
  createEventRuntime,
  eventsSchema,
  feedPut,
  feedRemove,
  type EventRuntime,
  type FeedVersion,
} from '../index.js';

const feed = 'registry.routes';

/** What a follower knows, and every step of how it came to it. */
class Copy {
  readonly rows = new Map<string, unknown>();
  readonly versions: FeedVersion[] = [];
  snapshots = 0;

  readonly handlers = {
    onSnapshot: (entries: readonly { key: string; data: unknown }[], at: FeedVersion): void => {
      this.rows.clear();
      for (const { key, data } of entries) this.rows.set(key, data);
      this.snapshots += 1;
      this.versions.push(at);
    },
    onChange: ({ key, data }: { key: string; data: unknown }, at: FeedVersion): void => {
      this.rows.set(key, data);
      this.versions.push(at);
    },
    onGone: (key: string, at: FeedVersion): void => {
      this.rows.delete(key);
      this.versions.push(at);
    },
  };
}

describe('a feed', () => {
  let database: TestDatabase;
  let writer: ServiceDatabase;
  let runtimes: EventRuntime[];
  beforeEach(async () => {
    database = await createTestDatabase([eventsSchema]);
    writer = database.open('registry', 12);
    runtimes = [];
  });
  afterEach(async () => {
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
    await database.close();
  });

  const runtimeOf = async (
    options: { listen: boolean; tombstones?: number } = { listen: true },
  ): Promise<EventRuntime> => {
    const runtime = createEventRuntime({
      database: database.open('gateway'),
      ...(options.listen ? { directUrl: database.urlFor('gateway') } : {}),
      feedTombstonesMs: options.tombstones ?? 60_000,
    });
    runtimes.push(runtime);
    await runtime.start();
    return runtime;
  };
  const put = (key: string, data: unknown) => writer.withTenant('acme', (tx) => feedPut(tx, feed, key, data));

  it('gives versions without gaps, in the order of commits, to any number of writers', async () => {
    const runtime = await runtimeOf();
    const copy = new Copy();
    runtime.follow(feed, undefined, copy.handlers);
    const commits = Array.from({ length: 60 }, (_, i) =>
      writer
        .withTenant('acme', async (tx) => {
          await feedPut(tx, feed, `key-${i % 25}`, { i });
          await tx.query('SELECT pg_sleep($1)', [Math.random() / 50]);
          if (i % 10 === 9) throw new Error('rolled back');
        })
        .catch(() => undefined),
    );
    await Promise.all(commits);
    const truth = await database.look<{ key: string; data: unknown; version: string }>(
      'SELECT key, data, version FROM events.feed_rows ORDER BY version',
    );
    expect(await database.look('SELECT version FROM events.feed_heads')).toEqual([{ version: '54' }]);
    expect(new Set(truth.map((row) => row.version)).size).toBe(truth.length);
    await eventually(() =>
      expect(Object.fromEntries(copy.rows)).toEqual(
        Object.fromEntries(truth.map((row) => [row.key, row.data])),
      ),
    );
    const seen = copy.versions.map((at) => at.version);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it.each([
    ['with LISTEN', true, 300],
    ['by polling alone', false, 900],
  ])('is seen in well under a second %s', async (_name, listen, limit) => {
    const runtime = await runtimeOf({ listen });
    await eventually(() => expect(runtime.listening).toBe(listen));
    const copy = new Copy();
    runtime.follow(feed, undefined, copy.handlers);
    await eventually(() => expect(copy.snapshots).toBe(1));
    const delays: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now();
      // Written as another process would: nobody here is told.
      await database.look('SET ROLE switchyard_registry');
      await database.look(
        `INSERT INTO events.feed_rows AS r (feed, key, data) VALUES ('${feed}', 'k', '${i}') ON CONFLICT (feed, key) DO UPDATE SET version = NULL, data = excluded.data`,
      );
      if (listen) await database.look(`SELECT pg_notify('switchyard_events', 'feed:${feed}')`);
      await eventually(() => expect(copy.rows.get('k')).toBe(i));
      delays.push(performance.now() - began);
    }
    expect(Math.max(...delays)).toBeLessThan(limit);
  });

  it('goes on from a known version, tells what is gone, and keeps on after its connections were cut', async () => {
    await put('a', 1);
    await put('b', 2);
    const runtime = await runtimeOf();
    const first = new Copy();
    const following = runtime.follow(feed, undefined, first.handlers);
    await eventually(() => expect(following.at?.version).toBe(2));
    const known = following.at;
    following.stop();
    await writer.withTenant('acme', async (tx) => {
      await feedRemove(tx, feed, 'a');
      await feedPut(tx, feed, 'c', 3);
    });
    const second = new Copy();
    second.rows.set('a', 1).set('b', 2);
    runtime.follow(feed, known, second.handlers);
    await eventually(() => expect(Object.fromEntries(second.rows)).toEqual({ b: 2, c: 3 }));
    expect(second.snapshots).toBe(0);
    expect(first.rows.has('c')).toBe(false);

    await database.look(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await eventually(() => put('d', 4));
    await eventually(() => expect(second.rows.get('d')).toBe(4));
    expect(second.snapshots).toBe(0);
  });

  it('begins anew with a snapshot in a new epoch, and when missed tombstones were pruned', async () => {
    await put('a', 1);
    await put('b', 1);
    const runtime = await runtimeOf({ listen: true, tombstones: 0 });
    const copy = new Copy();
    const following = runtime.follow(feed, undefined, copy.handlers);
    await eventually(() => expect(copy.snapshots).toBe(1));
    const old = following.at;
    await database.look("SELECT events.raise_epoch('a test')");
    await put('b', 2);
    await eventually(() => expect(copy.snapshots).toBe(2));
    expect(copy.versions.at(-1)?.epoch).toBeGreaterThan(old?.epoch ?? Infinity);

    const known = { epoch: copy.versions.at(-1)?.epoch ?? 0, version: 2 };
    await writer.withTenant('acme', (tx) => feedRemove(tx, feed, 'a'));
    await database.look("UPDATE events.state SET least_kept = '0'");
    await runtime.tidy();
    const late = new Copy();
    late.rows.set('a', 1);
    runtime.follow(feed, known, late.handlers);
    await eventually(() => expect(late.snapshots).toBe(1));
    expect(Object.fromEntries(late.rows)).toEqual({ b: 2 });
  });

  it('tells a follower whose own code failed the same again', async () => {
    const runtime = await runtimeOf();
    const copy = new Copy();
    let failures = 0;
    runtime.follow(feed, undefined, {
      ...copy.handlers,
      onChange(entry, at) {
        failures += 1;
        if (failures < 3) throw new Error('not now');
        copy.handlers.onChange(entry, at);
      },
    });
    await eventually(() => expect(copy.snapshots).toBe(1));
    await put('a', 1);
    await eventually(() => expect(copy.rows.get('a')).toBe(1));
  });
});

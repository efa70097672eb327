import { auditSchema } from '@switchyard/audit';
import { deploymentChangesFeed } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { createEventRuntime, eventsSchema, feedPut, type EventRuntime } from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { deploymentsSchema } from '../schema.js';
import { insertChanges } from './change.store.js';
import { DeploymentChanges } from './deployment-changes.js';
import type { ResourceVersion } from './resource-version.js';
import { watchEvents } from './watch-events.js';

const remember = 10;

describe('the changes of deployments', () => {
  let database: TestDatabase;
  let writer: ServiceDatabase;
  let runtime: EventRuntime;
  let changes: DeploymentChanges;

  beforeEach(async () => {
    database = await createTestDatabase([eventsSchema, auditSchema, deploymentsSchema]);
    writer = database.open('deployments', 10);
    runtime = createEventRuntime({ database: writer, directUrl: database.urlFor('deployments') });
    await runtime.start();
    changes = new DeploymentChanges({
      database: writer,
      follow: runtime.follow,
      logger: createLogger({ level: 'silent' }),
      keepMs: 0,
      remember,
    });
    changes.start();
  });
  afterEach(async () => {
    changes.stop();
    await runtime.stop();
    await database.close();
  });

  const write = (tenantId: string, ids: readonly string[]) =>
    writer.withTenant(tenantId, async (tx) => {
      tx.beforeCommit(async (last) => {
        await insertChanges(
          last,
          ids.map((deploymentId) => ({
            tenantId,
            deploymentId,
            environment: 'QA' as const,
            pluginId: 'p',
            statusBefore: null,
            statusAfter: 'Pending' as const,
            object: { deploymentId },
          })),
        );
        await feedPut(last, deploymentChangesFeed, 'head', null);
      });
      await tx.query('SELECT pg_sleep($1)', [Math.random() / 50]);
    });
  const start = async (): Promise<ResourceVersion> => {
    const [row] = await database.look<{ epoch: number; version: number }>(
      'SELECT s.epoch::int, h.version::int FROM events.state s, deployments.change_head h',
    );
    return row!;
  };
  const collect = (from: ResourceVersion, ended: AbortSignal, pause?: () => Promise<void>) => {
    const told: string[] = [];
    const reading = (async () => {
      const events = watchEvents({
        changes,
        filter: { own: null },
        from: { at: from, current: null },
        silenceMs: 60_000,
        bookmarks: true,
        ended,
        asError: (error) => error as never,
        errorBody: ({ code }) => ({ code }),
      });
      for await (const event of events) {
        const object = event?.object as Record<string, unknown> | undefined;
        told.push(String(object?.['deploymentId'] ?? object?.['code']));
        await pause?.();
      }
    })();
    return { told, reading };
  };

  it('are told to everybody in the order of their commits, by whoever reads fast or from far behind', async () => {
    const from = await start();
    const ended = new AbortController();
    const fast = collect(from, ended.signal);
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => write(`tenant-${at % 3}`, [`dep-${at}-a`, `dep-${at}-b`])),
    );
    const truth = (
      await database.look<{ deployment_id: string; version: number }>(
        'SELECT deployment_id, version::int FROM deployments.changes ORDER BY version',
      )
    ).map(({ deployment_id: id }) => id);
    expect(truth).toHaveLength(120);
    const late = collect(from, ended.signal);
    const inTheMiddle = collect({ ...from, version: from.version + 115 }, ended.signal);
    await eventually(() => expect([fast.told, late.told]).toEqual([truth, truth]));
    await eventually(() => expect(inTheMiddle.told).toEqual(truth.slice(115)));
    ended.abort();
    await Promise.all([fast.reading, late.reading, inTheMiddle.reading]);
  });

  it('are told to who reads slowly until they are no longer kept: then it starts over', async () => {
    const from = await start();
    let go: (() => void) | undefined;
    const slow = collect(from, new AbortController().signal, () => new Promise((resolve) => (go = resolve)));
    await write('acme', ['dep-first']);
    await eventually(() => expect(slow.told).toEqual(['dep-first']));
    for (let at = 0; at < 3 * remember; at += 1) await write('acme', [`dep-${at}`]);
    await changes.tidy();
    expect(await database.look('SELECT version FROM deployments.changes')).toEqual([]);
    await eventually(async () => {
      go?.();
      expect(slow.told.at(-1)).toBe('GONE');
    });
    go?.();
    await slow.reading;
    await expect(changes.mustKnow(from)).rejects.toMatchObject({ code: 'GONE' });
    await changes.mustKnow(await start());
  });

  it('give a sign of life in silence, with the place from which to go on', async () => {
    const from = await start();
    const ended = new AbortController();
    const events = watchEvents({
      changes,
      filter: { own: 'nobody' },
      from: { at: from, current: [] },
      silenceMs: 5,
      bookmarks: true,
      ended: ended.signal,
      asError: (error) => error as never,
      errorBody: () => ({}),
    });
    await write('acme', ['dep-of-others']);
    const next = async () => (await events.next()).value;
    expect(await next()).toMatchObject({ type: 'BOOKMARK' });
    const wanted = `.${(from.version + 1).toString(36)}`;
    await eventually(async () =>
      expect(await next()).toMatchObject({
        type: 'BOOKMARK',
        resourceVersion: expect.stringContaining(wanted) as string,
      }),
    );
    ended.abort();
    await events.return(undefined);
  });
});

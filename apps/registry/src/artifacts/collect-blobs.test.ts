import { type Readable } from 'node:stream';
import { adoptStrays } from './collect-blobs.js';
import { aRegistry, someBytes, type ARegistry, type Bytes } from './contract/a-registry.js';

const hour = 3_600_000;

describe('what is kept of artefacts', () => {
  let registry: ARegistry;
  let artefact: Bytes;
  beforeEach(async () => {
    registry = await aRegistry();
    artefact = await someBytes();
  });
  afterEach(() => registry.close());

  async function publish(pluginId: string, bytes = artefact): Promise<void> {
    await registry.register(pluginId, bytes);
    expect((await registry.upload(pluginId, bytes)).isNew).toBe(true);
  }

  it('is one copy of the same bytes, for as long as any version has them', async () => {
    await publish('one');
    await publish('other');
    expect(await registry.kept()).toEqual([artefact.digest]);
    await registry.delete('one');
    expect(await registry.collect()).toBe(0);
    expect(await registry.kept()).toEqual([artefact.digest]);
    await registry.delete('other');
    await registry.collect();
    expect(await registry.kept()).toEqual([]);
    expect(await registry.known()).toEqual([]);
  });

  it('goes only after it was marked, and a grace period later is still of no use to anybody', async () => {
    await publish('one');
    await registry.delete('one');
    // It was touched a moment ago: not even marked.
    expect(await registry.collect(hour)).toBe(0);
    await registry.age(2);
    expect(await registry.collect(hour)).toBe(0);
    expect(await registry.look('SELECT 1 FROM registry.blobs WHERE marked_at IS NOT NULL')).toHaveLength(1);
    expect(await registry.kept()).toEqual([artefact.digest]);
    await registry.age(2);
    expect(await registry.collect(hour)).toBe(1);
    expect(await registry.kept()).toEqual([]);
  });

  it('is revived by an upload of what is marked already', async () => {
    await publish('one');
    await registry.delete('one');
    await registry.age(2);
    await registry.collect(hour);
    await publish('other');
    await registry.age(2);
    expect(await registry.collect(hour)).toBe(0);
    await registry.age(2);
    expect(await registry.collect(hour)).toBe(0);
    expect(await registry.kept()).toEqual([artefact.digest]);
  });

  it('stays while it is pinned, and keeps its plugin from being deleted; released it may go', async () => {
    await publish('one');
    await registry.pin('one', 'dep-1');
    await registry.pin('one', 'dep-1');
    await registry.pin('one', 'dep-2');
    await expect(registry.delete('one')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('2 deployment(s)') as string,
    });
    expect(await registry.release('dep-1')).toBe(1);
    await expect(registry.delete('one')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await registry.collect()).toBe(0);
    await registry.release('dep-2');
    await registry.delete('one');
    await registry.collect();
    expect(await registry.kept()).toEqual([]);
  });

  it('is healed by the same upload when the store lost it', async () => {
    await publish('one');
    await registry.store.remove(artefact.digest);
    expect((await registry.upload('one', artefact)).isNew).toBe(false);
    expect(await registry.kept()).toEqual([artefact.digest]);
  });

  it('is not brought by an upload that is refused', async () => {
    await registry.register('one', artefact);
    await expect(registry.upload('one', await someBytes())).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await registry.kept()).toEqual([]);
    expect(await registry.known()).toEqual([]);
  });

  it('is found when nobody wrote it down, and goes unless somebody has it', async () => {
    await publish('one');
    const stray = await someBytes();
    await registry.register('two', stray);
    await registry.upload('two', stray);
    // A database that was restored from before the second one, and after the first's bytes were written down.
    await registry.delete('two');
    await registry.look('DELETE FROM registry.blobs');
    expect(await adoptStrays(registry.database, registry.store)).toBe(2);
    expect(await adoptStrays(registry.database, registry.store)).toBe(0);
    await registry.collect();
    expect(await registry.kept()).toEqual([artefact.digest]);
  });

  it('is brought again by an upload whose bytes are collected before it refers to them', async () => {
    await registry.register('one', artefact);
    const { store } = registry;
    const keep = store.keep.bind(store);
    let collections = 0;
    store.keep = async (staged) => {
      await keep(staged);
      if (collections < 2) collections += await registry.collect();
    };
    expect((await registry.upload('one', artefact)).isNew).toBe(true);
    expect(collections).toBe(2);
    expect(await registry.kept()).toEqual([artefact.digest]);
    expect(await registry.known()).toEqual([artefact.digest]);
  });

  it('is never referred to on the word of another upload that has not brought it yet', async () => {
    await registry.register('one', artefact);
    const { store } = registry;
    const keep = store.keep.bind(store);
    let isFirst = true;
    store.keep = async (staged) => {
      await keep(staged);
      if (!isFirst) return;
      isFirst = false;
      await registry.collect();
      // Another one has just said that it will bring them, and then its process was killed.
      await registry.look('INSERT INTO registry.blobs (digest, size) VALUES ($1, 1)', [staged.digest]);
    };
    await registry.upload('one', artefact);
    expect(await registry.kept()).toEqual([artefact.digest]);
    expect(await whole(await store.open(artefact.digest))).toEqual(artefact.bytes);
  });
});

async function whole(stream: Readable | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of (stream ?? []) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

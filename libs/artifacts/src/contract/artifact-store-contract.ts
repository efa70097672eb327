import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@switchyard/testing';
import { ArtifactRangeError } from '../artifact-range-error.js';
import type { ArtifactStore, StoredArtifact } from '../artifact-store.js';
import type { Digest } from '../digest.js';
import { Staging } from '../staging/staging.js';
import { RetainedMemory } from './retained-memory.js';
import { bigBody, brokenBody, digestOf, MB, read, stage } from './test-artifacts.js';

export interface StoreUnderTest {
  /** Empty. */
  readonly store: ArtifactStore;
  close(): Promise<void>;
}

async function listed(store: ArtifactStore): Promise<StoredArtifact[]> {
  const found: StoredArtifact[] = [];
  for await (const artifact of store.list()) found.push(artifact);
  return found;
}

/** What every store does, whatever it is made of. */
export function describeArtifactStore(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps artefacts`, () => {
    let under: StoreUnderTest;
    let store: ArtifactStore;
    let folder: string;
    let staging: Staging;
    const keep = async (bytes: Uint8Array): Promise<Digest> => {
      const staged = await stage(staging, bytes);
      await store.keep(staged);
      await staged.discard();
      return staged.digest;
    };

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'staging-'));
      staging = new Staging({ folder });
      under = await makeStore();
      store = under.store;
    });
    afterEach(async () => {
      await under.close();
      await rm(folder, { recursive: true });
    });

    it('under their digest, and gives back what it was given, after what was staged is gone', async () => {
      const bytes = randomBytes(100_000);
      const digest = await keep(bytes);
      expect(digest).toBe(digestOf(bytes));
      expect(await read(await store.open(digest))).toEqual(bytes);
      expect(await store.stat(digest)).toEqual({ size: bytes.length });
    });

    it('of no bytes at all', async () => {
      const digest = await keep(Buffer.alloc(0));
      expect(await store.stat(digest)).toEqual({ size: 0 });
      expect(await read(await store.open(digest))).toEqual(Buffer.alloc(0));
      await expect(store.open(digest, { start: 0, end: 0 })).rejects.toThrow(ArtifactRangeError);
    });

    it('once for the same bytes, however often and with whatever others they come', async () => {
      const bytes = randomBytes(50_000);
      const same = await Promise.all(Array.from({ length: 10 }, () => stage(staging, bytes)));
      const one = await stage(staging, bytes);
      await Promise.all(
        [...same, ...Array.from({ length: 10 }, () => one)].map((staged) => store.keep(staged)),
      );
      await store.keep(one);
      const found = await listed(store);
      expect(found).toMatchObject([{ digest: one.digest, size: bytes.length }]);
      expect(Math.abs(Date.now() - found[0]!.storedAt.getTime())).toBeLessThan(60_000);
      expect(await read(await store.open(one.digest))).toEqual(bytes);
    });

    it('and counts their age from when they were kept last', async () => {
      const bytes = randomBytes(10);
      await keep(bytes);
      const [first] = await listed(store);
      await eventually(async () => {
        await keep(bytes);
        const [again] = await listed(store);
        expect(again!.storedAt.getTime()).toBeGreaterThan(first!.storedAt.getTime());
      });
    });

    it.each([
      ['the first byte', 0, 0, 0, 1],
      ['some in the middle', 300, 399, 300, 400],
      ['the last byte', 999, 999, 999, 1000],
      ['all', 0, 999, 0, 1000],
      ['as far as there are any', 900, 5_000, 900, 1000],
    ])('and reads %s of one', async (_what, start, end, from, to) => {
      const bytes = randomBytes(1_000);
      const digest = await keep(bytes);
      expect(await read(await store.open(digest, { start, end }))).toEqual(bytes.subarray(from, to));
    });

    it.each([
      [1_000, 1_000],
      [5_000, 6_000],
      [10, 9],
      [-1, 5],
      [0.5, 3],
      [0, Infinity],
      [NaN, 1],
    ])('but has no bytes from %s to %s of a thousand', async (start, end) => {
      const digest = await keep(randomBytes(1_000));
      await expect(store.open(digest, { start, end })).rejects.toThrow(ArtifactRangeError);
    });

    it('and says of one it does not have that it is not there', async () => {
      const digest = digestOf(randomBytes(8));
      expect(await store.stat(digest)).toBeUndefined();
      expect(await store.open(digest)).toBeUndefined();
      expect(await store.open(digest, { start: 0, end: 1 })).toBeUndefined();
      expect(await store.remove(digest)).toBe(false);
      expect(await listed(store)).toEqual([]);
    });

    it('until they are removed, which happens once', async () => {
      const [gone, stays] = [await keep(randomBytes(10)), await keep(randomBytes(20))];
      expect(await store.remove(gone)).toBe(true);
      expect(await store.remove(gone)).toBe(false);
      expect(await store.stat(gone)).toBeUndefined();
      expect(await store.open(gone)).toBeUndefined();
      expect((await listed(store)).map(({ digest }) => digest)).toEqual([stays]);
    });

    it('and lists each of them', async () => {
      const kept = new Map<string, number>();
      for (let size = 1; size <= 30; size += 1) kept.set(await keep(randomBytes(size)), size);
      expect(new Map((await listed(store)).map(({ digest, size }) => [digest, size]))).toEqual(kept);
    });

    it('of 64 MB without ever holding one in memory', async () => {
      const memory = new RetainedMemory();
      const sampled = (megabyte: number): void => {
        if (megabyte % 8 === 0) memory.sample();
      };
      const staged = await staging.receive(bigBody(64, sampled), { maxBytes: 64 * MB });
      await store.keep(staged);
      memory.sample();
      const body = await store.open(staged.digest);
      let seen = 0;
      for await (const chunk of body! as AsyncIterable<Buffer>) {
        const before = Math.floor(seen / MB);
        seen += chunk.length;
        if (Math.floor(seen / MB) > before) sampled(Math.floor(seen / MB));
      }
      expect(seen).toBe(64 * MB);
      expect(memory.worst).toBeLessThan(32 * MB);
      console.info(
        `${name}: ${(memory.worst / MB).toFixed(1)} MB held at most for 64 MB received, kept and read`,
      );
    });

    it('but none whose source failed or was given up', async () => {
      const bytes = randomBytes(100_000);
      const aborted = AbortSignal.abort();
      const body = () => bigBody(1);
      await expect(staging.receive(brokenBody(bytes), { maxBytes: MB })).rejects.toThrow();
      await expect(staging.receive(body(), { maxBytes: MB, signal: aborted })).rejects.toThrow();
      await expect(staging.receive(body(), { maxBytes: MB - 1 })).rejects.toThrow();
      expect(await listed(store)).toEqual([]);
      expect(await store.stat(digestOf(bytes))).toBeUndefined();
    });

    it('and none that was discarded or cut before it was kept', async () => {
      const [discarded, cut] = [await stage(staging, randomBytes(10)), await stage(staging, randomBytes(20))];
      await discarded.discard();
      await truncate(cut.path, 19);
      for (const staged of [discarded, cut]) {
        await expect(store.keep(staged)).rejects.toThrow(/gone or was changed/);
        expect(await store.stat(staged.digest)).toBeUndefined();
      }
      expect(await listed(store)).toEqual([]);
    });

    it.each([
      'sha256:../../../../etc/passwd',
      `sha256:${'a'.repeat(63)}`,
      `sha256:${'A'.repeat(64)}`,
      `sha256:${'a'.repeat(64)}\n`,
      `sha256:${'a'.repeat(62)}/.`,
      `sha512:${'a'.repeat(64)}`,
      `sha256:${'a'.repeat(64)}/../x`,
      'sha256:',
      '',
    ])('and takes no other name for a digest: %j', async (name) => {
      const digest = name as Digest;
      const staged = await stage(staging, Buffer.from('x'));
      await expect(store.stat(digest)).rejects.toThrow(TypeError);
      await expect(store.open(digest)).rejects.toThrow(TypeError);
      await expect(store.remove(digest)).rejects.toThrow(TypeError);
      await expect(store.keep({ ...staged, digest })).rejects.toThrow(TypeError);
    });
  });
}

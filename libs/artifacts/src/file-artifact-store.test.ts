import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ArtifactStoreUnavailableError } from './artifact-store-unavailable-error.js';
import { describeArtifactStore } from './contract/artifact-store-contract.js';
import { read, stage } from './contract/test-artifacts.js';
import { FileArtifactStore } from './stores/file-artifact-store.js';
import { Staging } from './staging/staging.js';

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'artifacts-'));

describeArtifactStore('the file store', async () => {
  const root = await temporary();
  return { store: new FileArtifactStore({ root }), close: () => rm(root, { recursive: true }) };
});

const OTHER_FILE_SYSTEM = '/dev/shm';
const hasOtherFileSystem = await Promise.all([stat(OTHER_FILE_SYSTEM), stat(tmpdir())]).then(
  ([other, own]) => other.dev !== own.dev,
  () => false,
);

describe('the file store', () => {
  let root: string;
  let store: FileArtifactStore;
  let staging: Staging;
  const pathOf = (digest: string): string =>
    join(root, 'blobs', 'sha256', digest.slice(7, 9), digest.slice(7));

  beforeEach(async () => {
    root = await temporary();
    store = new FileArtifactStore({ root });
    staging = new Staging({ folder: join(root, 'staging') });
  });
  afterEach(() => rm(root, { recursive: true }));

  it('lets nobody else read: files are 0600, folders 0700, and nothing is left beside them', async () => {
    const staged = await stage(staging, randomBytes(10));
    await chmod(staged.path, 0o644);
    await store.keep(staged);
    const path = pathOf(staged.digest);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const folder of [dirname(path), dirname(dirname(path)), join(root, 'incoming')])
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
  });

  it('moves no bytes when staging lies on the same file system', async () => {
    const staged = await stage(staging, randomBytes(10));
    await store.keep(staged);
    expect((await stat(pathOf(staged.digest))).ino).toBe((await stat(staged.path)).ino);
  });

  (hasOtherFileSystem ? it : it.skip)('copies when it lies on another one', async () => {
    const elsewhere = await mkdtemp(join(OTHER_FILE_SYSTEM, 'staging-'));
    try {
      const bytes = randomBytes(200_000);
      const staged = await stage(new Staging({ folder: elsewhere }), bytes);
      await Promise.all([store.keep(staged), store.keep(staged)]);
      await staged.discard();
      expect(await read(await store.open(staged.digest))).toEqual(bytes);
      expect(await readdir(join(root, 'incoming'))).toEqual([]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('heals a blob that a broken disk had damaged, when the same bytes are kept again', async () => {
    const bytes = randomBytes(100);
    const staged = await stage(staging, bytes);
    await mkdir(dirname(pathOf(staged.digest)), { recursive: true });
    await writeFile(pathOf(staged.digest), 'half of it');
    await store.keep(staged);
    expect(await read(await store.open(staged.digest))).toEqual(bytes);
  });

  it('lists nothing that is no blob', async () => {
    const staged = await stage(staging, randomBytes(10));
    await store.keep(staged);
    await writeFile(join(dirname(pathOf(staged.digest)), 'README'), '');
    await writeFile(`${pathOf(staged.digest)}.tmp`, '');
    const found: string[] = [];
    for await (const { digest } of store.list()) found.push(digest);
    expect(found).toEqual([staged.digest]);
  });

  it('sweeps what a killed process left on its way in, and nothing younger', async () => {
    await mkdir(join(root, 'incoming'));
    await writeFile(join(root, 'incoming', 'left-behind'), 'half');
    expect(await store.sweep(60_000)).toBe(0);
    expect(await store.sweep(-1_000)).toBe(1);
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
  });

  it('says that it is unavailable when its disk does not do its part', async () => {
    const staged = await stage(staging, randomBytes(10));
    await writeFile(join(root, 'blobs'), 'in the way');
    const unavailable = { name: ArtifactStoreUnavailableError.name };
    await expect(store.keep(staged)).rejects.toMatchObject(unavailable);
    await expect(store.stat(staged.digest)).rejects.toMatchObject(unavailable);
    await expect(store.open(staged.digest)).rejects.toMatchObject(unavailable);
    await expect(store.remove(staged.digest)).rejects.toMatchObject(unavailable);
    await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable);
  });
});

import { mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ArchiveRefusedError } from '@switchyard/artifacts';
import { create } from 'tar';
import { ZipFile } from 'yazl';
import { TestArtifacts } from '../../contract/test-artifacts.js';
import { processOrchestratorDefaults } from '../process-orchestrator-options.js';
import { removeReadOnly } from './remove-read-only.js';
import { unpackArchive } from './unpack-archive.js';
import { UnpackedArtifacts } from './unpacked-artifacts.js';

const limits = processOrchestratorDefaults.archiveLimits;

async function zip(files: Readonly<Record<string, { content: string; mode?: number }>>): Promise<Buffer> {
  const made = new ZipFile();
  for (const [name, { content, mode = 0o100644 }] of Object.entries(files))
    made.addBuffer(Buffer.from(content), name, { mode });
  made.end();
  return buffer(made.outputStream);
}

describe('An artefact', () => {
  let folder: string;
  let artifacts: TestArtifacts;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpack-'));
    artifacts = await TestArtifacts.create();
  });
  afterEach(async () => {
    await removeReadOnly(folder);
    await artifacts.remove();
  });

  const open = (needed = new Set<`sha256:${string}`>()): Promise<UnpackedArtifacts> =>
    UnpackedArtifacts.open(
      {
        folder: join(folder, 'artifacts'),
        limits,
        fetchArtifact: async (digest) => artifacts.pathOf(digest),
      },
      needed,
    );

  it('of npm is unpacked read-only, and its root is the package', async () => {
    const digest = await artifacts.pack({ 'lib/a.js': 'a' });
    const target = join(folder, 'target');
    expect(await unpackArchive(artifacts.pathOf(digest), target, limits)).toBe('package');
    expect(await readFile(join(target, 'package/lib/a.js'), 'utf8')).toBe('a');
    expect((await stat(join(target, 'package/lib'))).mode & 0o777).toBe(0o555);
    expect((await stat(join(target, 'package/lib/a.js'))).mode & 0o777).toBe(0o444);
  });

  it('that is a zip keeps what is executable', async () => {
    const digest = await artifacts.keep(
      await zip({ 'bin/run': { content: '#!/bin/sh', mode: 0o100755 }, 'package.json': { content: '{}' } }),
    );
    const target = join(folder, 'target');
    expect(await unpackArchive(artifacts.pathOf(digest), target, limits)).toBe('');
    expect((await stat(join(target, 'bin/run'))).mode & 0o777).toBe(0o555);
    expect((await stat(join(target, 'package.json'))).mode & 0o777).toBe(0o444);
  });

  it('with a link in it, or more in it than is allowed, is refused, and nothing of it stays', async () => {
    const source = join(folder, 'source');

    await mkdir(source);
    await symlink('/etc/passwd', join(source, 'link'));
    const file = join(folder, 'link.tgz');
    await create({ file, gzip: true, cwd: source, portable: true }, ['link']);
    const digest = await artifacts.keep(await readFile(file));
    const unpacked = await open();
    await expect(unpacked.rootOf(digest)).rejects.toThrow(ArchiveRefusedError);
    const large = await artifacts.pack({ 'a.txt': 'a'.repeat(2000) });
    const strict = await UnpackedArtifacts.open(
      {
        folder: join(folder, 'artifacts'),
        limits: { ...limits, maxEntryBytes: 1000 },
        fetchArtifact: async (asked) => artifacts.pathOf(asked),
      },
      new Set(),
    );
    await expect(strict.rootOf(large)).rejects.toThrow('a file in it is too large');
    expect(await readdir(join(folder, 'artifacts'))).toEqual(['index.json']);
  });

  it('whose bytes are others than its digest says is refused', async () => {
    const digest = await artifacts.pack({});
    const other = await artifacts.pack({ 'a.js': '' });
    await writeFile(artifacts.pathOf(digest), await readFile(artifacts.pathOf(other)));
    await expect((await open()).rootOf(digest)).rejects.toThrow(`The artefact's bytes are ${other}`);
  });

  it('is unpacked once for all who ask at the same time, and later', async () => {
    const digest = await artifacts.pack({});
    const unpacked = await open();
    const roots = await Promise.all([1, 2, 3].map(() => unpacked.rootOf(digest)));
    expect(new Set([...roots, await unpacked.rootOf(digest)]).size).toBe(1);
    expect(await readdir(join(folder, 'artifacts'))).toHaveLength(2);
  });

  it('is listed beside the others that are unpacked at the same time', async () => {
    const digests = await Promise.all([1, 2, 3, 4].map((count) => artifacts.pack({ 'a.js': String(count) })));
    const before = await open();
    const roots = await Promise.all(digests.map((digest) => before.rootOf(digest)));
    const after = await open(new Set(digests));
    expect(await Promise.all(digests.map((digest) => after.rootOf(digest)))).toEqual(roots);
  });

  it('is there after a restart while it is needed, and gone when it is not', async () => {
    const [kept, gone] = [await artifacts.pack({}), await artifacts.pack({ 'a.js': '' })];
    const before = await open();
    const root = await before.rootOf(kept);
    await before.rootOf(gone);
    // What a killed platform leaves.
    await writeFile(join(folder, 'artifacts', 'index.json.tmp'), '');
    await mkdir(join(folder, 'artifacts', 'abc.unfinished'), { mode: 0o555 });
    const after = await open(new Set([kept]));
    expect(await readdir(join(folder, 'artifacts'))).toHaveLength(2);
    expect(await after.rootOf(kept)).toBe(root);
    await after.keepOnly(new Set());
    expect(await readdir(join(folder, 'artifacts'))).toEqual(['index.json']);
  });
});

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as tar from 'tar';
import { ZipFile } from 'yazl';
import { limits, type HostileArchive } from '../contract/archives/hostile-archive.js';
import { hostileTgz } from '../contract/archives/hostile-tgz.js';
import { hostileZip } from '../contract/archives/hostile-zip.js';
import { END, folder, longName, pax, paxRecord, tarEntry, tgz } from '../contract/archives/tar-bytes.js';
import { extra, zip } from '../contract/archives/zip-bytes.js';
import { RetainedMemory } from '../contract/retained-memory.js';
import { ARCHIVE_REFUSALS, ArchiveRefusedError } from './archive-refused-error.js';
import { inspectArchive, type InspectedArchive } from './inspect-archive.js';

const MB = 1024 * 1024;
const run = promisify(execFile);
let home: string;
let path: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'archives-'));
  // Deep enough that a way up would still end where we look.
  await mkdir(join(home, 'in', 'side'), { recursive: true });
  path = join(home, 'in', 'side', 'archive');
});
afterEach(() => rm(home, { recursive: true }));

async function inspect(bytes: Buffer): Promise<InspectedArchive> {
  await writeFile(path, bytes);
  return inspectArchive(path, limits);
}
const refusalOf = async (bytes: Buffer): Promise<string> => {
  try {
    await inspect(bytes);
  } catch (error) {
    return error instanceof ArchiveRefusedError ? error.reason : String(error);
  }
  return 'accepted';
};
const textsOf = ({ files }: InspectedArchive): Record<string, string> =>
  Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString()]));

describe('an archive is refused for', () => {
  const check = async (_what: string, reason: string, bytes: Buffer): Promise<void> => {
    const here = await readdir(process.cwd());
    expect(await refusalOf(bytes)).toBe(reason);
    expect((await readdir(home, { recursive: true })).sort()).toEqual(['in', 'in/side', 'in/side/archive']);
    expect(await readdir(process.cwd())).toEqual(here);
  };
  describe('tgz:', () => it.each<HostileArchive>(hostileTgz)('%s (%s)', check));
  describe('zip:', () => it.each<HostileArchive>(hostileZip)('%s (%s)', check));

  it.each([
    ['no bytes', Buffer.alloc(0)],
    ['one byte', Buffer.from([0x1f])],
    ['a plain tar', Buffer.concat([tarEntry('a'), END])],
    ['a text', Buffer.from('#!/bin/sh\nrm -rf /\n')],
    ['a zip behind a text', Buffer.concat([Buffer.from('#!/bin/sh\n'), zip([['a']])])],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0])],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
  ])('a format that is none: %s', async (_what, bytes) => {
    expect(await refusalOf(bytes)).toBe('unknown-format');
  });

  it('every reason there is: each is shown by an example', () => {
    const shown = new Set(
      [...hostileTgz, ...hostileZip].map(([, reason]) => reason).concat('unknown-format'),
    );
    expect([...shown].sort()).toEqual([...ARCHIVE_REFUSALS].sort());
  });

  it('whatever is cut off, at every byte', async () => {
    const archives = [
      tgz(tarEntry('package/package.json', { body: '{}' })),
      zip([
        ['package.json', { body: '{}' }],
        ['b', { body: 'x', method: 0 }],
      ]),
    ];
    for (const bytes of archives)
      for (let length = 0; length < bytes.length; length += 1)
        expect(await refusalOf(bytes.subarray(0, length))).not.toBe('accepted');
  });

  it('whatever byte is changed, unless what it says stays the same', async () => {
    const body = JSON.stringify({ name: 'a', main: 'index.js' });
    const bytes = zip([['package.json', { body }]]);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0xff;
      await writeFile(path, changed);
      const found = await inspectArchive(path, limits).catch((error: unknown) => error);
      if (found instanceof Error) expect(found).toBeInstanceOf(ArchiveRefusedError);
      else expect([{}, { 'package.json': body }]).toContainEqual(textsOf(found as InspectedArchive));
    }
  });

  it('and names the entry in a way that cannot break a log line', async () => {
    await writeFile(path, tgz(tarEntry('a\nb')));
    const error = await inspectArchive(path, limits).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'control-character', entry: 'a\nb' });
    expect((error as Error).message).toBe(
      'The archive is refused: names must not have control characters ("a\\nb")',
    );
  });
});

describe('an archive is accepted when it is', () => {
  const manifests = { 'package.json': '{"name":"x"}', 'switchyard.json': '{"id":"x"}' };

  it('what `npm pack` makes', async () => {
    const source = join(home, 'source');
    await mkdir(join(source, 'lib', 'deep'), { recursive: true });
    const pkg = JSON.stringify({ name: 'demo', version: '1.0.0', files: ['lib', 'switchyard.json'] });
    await writeFile(join(source, 'package.json'), pkg);
    await writeFile(join(source, 'switchyard.json'), '{}');
    await writeFile(join(source, 'lib', 'deep', `${'long-'.repeat(20)}name.js`), 'export {}');
    await writeFile(join(source, 'lib', 'größe.js'), 'export {}');
    await run('npm', ['pack', '--offline', '--ignore-scripts', '--pack-destination', home], { cwd: source });
    const found = await inspectArchive(join(home, 'demo-1.0.0.tgz'), limits);
    expect(found).toMatchObject({ format: 'tgz', root: 'package/', entries: 4 });
    expect(textsOf(found)).toEqual({ 'package.json': pkg, 'switchyard.json': '{}' });
  });

  it('what tar makes, with times, folders and a leading ./', async () => {
    const source = join(home, 'source');
    await mkdir(join(source, 'lib'), { recursive: true });
    for (const [name, text] of Object.entries(manifests)) await writeFile(join(source, name), text);
    await writeFile(join(source, 'lib', 'index.js'), randomBytes(200_000));
    await tar.create({ gzip: true, cwd: source, file: path }, ['.']);
    const found = await inspectArchive(path, limits);
    expect(found).toMatchObject({ format: 'tgz', root: '', unpackedBytes: 200_000 + 22 });
    expect(textsOf(found)).toEqual(manifests);
  });

  it('what git archive makes: a comment for all, in one folder', async () => {
    const bytes = tgz(
      tarEntry('pax_global_header', { type: 'g', body: paxRecord('comment', 'a'.repeat(40)) }),
      folder('plugin-1.0/'),
      tarEntry('plugin-1.0/package.json', { body: '{}' }),
    );
    expect(await inspect(bytes)).toMatchObject({ root: 'plugin-1.0/', entries: 2, unpackedBytes: 2 });
  });

  it('one with names that do not fit, by pax and by GNU', async () => {
    const long = `package/${'n'.repeat(120)}`;
    const byPax = tgz(pax(['path', long], ['mtime', '1.5']), tarEntry(long.slice(0, 99), { body: 'x' }));
    const byGnu = tgz(longName(long), tarEntry(long.slice(0, 99), { body: 'x', magic: 'ustar  \0' }));
    for (const bytes of [byPax, byGnu]) expect(await inspect(bytes)).toMatchObject({ entries: 1 });
    expect(await inspect(tgz(tarEntry('n'.repeat(90), { prefix: 'p'.repeat(150) })))).toMatchObject({
      entries: 1,
    });
  });

  it('one with a name and a comment in its gzip header', async () => {
    const plain = gzipSync(Buffer.concat([tarEntry('a'), END]));
    const header = Buffer.from(plain.subarray(0, 10));
    header[3] = 0x02 | 0x04 | 0x08 | 0x10;
    const fields = Buffer.from('\x03\0abcname.tar\0comment\0\0\0', 'latin1');
    expect(await inspect(Buffer.concat([header, fields, plain.subarray(10)]))).toMatchObject({
      format: 'tgz',
    });
  });

  async function zipped(names: Record<string, string>, compress: boolean): Promise<InspectedArchive> {
    const made = new ZipFile();
    for (const [name, text] of Object.entries(names)) made.addBuffer(Buffer.from(text), name, { compress });
    made.addEmptyDirectory('plugin/empty');
    made.addReadStream(await streamOf(path), 'plugin/lib/index.js');
    made.end();
    await pipeline(made.outputStream, createWriteStream(join(home, 'made.zip')));
    return inspectArchive(join(home, 'made.zip'), limits);
  }
  const streamOf = async (file: string) => {
    await writeFile(file, randomBytes(100_000));
    return createReadStream(file);
  };

  it.each([true, false])('a zip with everything in one folder (deflated: %s)', async (compress) => {
    const inFolder = Object.fromEntries(
      Object.entries(manifests).map(([name, text]) => [`plugin/${name}`, text]),
    );
    const found = await zipped(inFolder, compress);
    expect(found).toMatchObject({ format: 'zip', root: 'plugin/', entries: 4, unpackedBytes: 100_022 });
    expect(textsOf(found)).toEqual(manifests);
  });

  it.each([true, false])('a zip without (deflated: %s)', async (compress) => {
    const found = await zipped(manifests, compress);
    expect(found).toMatchObject({ format: 'zip', root: '', entries: 4 });
    expect(textsOf(found)).toEqual(manifests);
  });

  it('a zip with a comment and harmless extra fields', async () => {
    const times = extra(0x5455, Buffer.from([1, 0, 0, 0, 0]));
    const bytes = zip([['a', { body: 'x', extra: times, local: { extra: times } }]], { comment: 'by git' });
    expect(await inspect(bytes)).toMatchObject({ entries: 1 });
  });

  it('one without manifests, or with some in a folder that is not the root', async () => {
    const bytes = tgz(tarEntry('lib/package.json', { body: '{}' }), tarEntry('other/x'));
    expect(await inspect(bytes)).toMatchObject({ root: '', files: new Map() });
    expect(await inspect(tgz(tarEntry('dist/x.js')))).toMatchObject({ root: '', files: new Map() });
  });
});

describe('the memory it takes', () => {
  const writeArchives = async (): Promise<string[]> => {
    const body = randomBytes(3 * MB);
    const entries = Array.from({ length: 6 }, (_, n) => tarEntry(`package/${n}`, { body }));
    const bombs = [hostileTgz, hostileZip].map(
      (all) => all.find(([what]) => what.startsWith('a bomb that'))![2],
    );
    const archives = [
      gzipSync(Buffer.concat([...entries, END]), { level: 1 }),
      zip(Array.from({ length: 6 }, (_, n) => [`f${n}`, { body, method: 0 }] as const)),
      ...bombs,
    ];
    const paths = archives.map((_bytes, n) => join(home, `archive-${n}`));
    await Promise.all(archives.map((bytes, n) => writeFile(paths[n]!, bytes)));
    return paths;
  };

  it('does not grow with what an archive holds, or would blow up to', async () => {
    const paths = await writeArchives();
    const memory = new RetainedMemory();
    const watch = setInterval(() => memory.sample(), 150);
    const inspected = (file: string) =>
      inspectArchive(file, limits).then(
        ({ unpackedBytes }) => unpackedBytes,
        ({ reason }: ArchiveRefusedError) => reason,
      );
    do
      expect(await Promise.all(paths.map(inspected))).toEqual([
        18 * MB,
        18 * MB,
        'hidden-data',
        'size-mismatch',
      ]);
    while (memory.samples < 5);
    clearInterval(watch);
    expect(memory.worst).toBeLessThan(8 * MB);
    console.info(`archives: ${(memory.worst / MB).toFixed(1)} MB held at most`);
  });
});

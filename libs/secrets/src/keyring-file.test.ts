import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createKeyringFile, loadKeyring, loadOrCreateKeyring, rotateKeyring } from './keyring-file.js';
import { open, seal } from './seal.js';

const key = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');

describe('the keyring file', () => {
  let folder: string;
  let path: string;
  const write = async (text: string, mode = 0o600): Promise<void> => {
    await writeFile(path, text, { mode });
    await chmod(path, mode);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyring-'));
    path = join(folder, 'nested', 'keyring.json');
    await createKeyringFile(path);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is created with one 256-bit key, for its owner only, and leaves nothing else behind', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await loadKeyring(path)).keys.size).toBe(1);
    expect(await readdir(join(folder, 'nested'))).toEqual(['keyring.json']);
  });

  it('is never overwritten', async () => {
    const before = await readFile(path, 'utf8');
    expect(await createKeyringFile(path)).toBe(false);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('ends as one file when many start at once, and all read the same key', async () => {
    const contested = join(folder, 'contested.json');
    const rings = await Promise.all(Array.from({ length: 12 }, () => loadOrCreateKeyring(contested)));
    expect(new Set(rings.map((ring) => ring.current)).size).toBe(1);
    const sealed = seal(rings[0]!, 'x', 'a');
    for (const ring of rings) expect(open(ring, sealed, 'a').toString()).toBe('x');
    expect((await readdir(folder)).filter((name) => name !== 'nested')).toEqual(['contested.json']);
  });

  it('rotates: a new current key, and what the old one sealed still opens', async () => {
    const before = await loadKeyring(path);
    const sealed = seal(before, 'old', 'a');
    const after = await rotateKeyring(path);
    expect(after.current).not.toBe(before.current);
    expect([...after.keys.keys()]).toEqual([before.current, after.current]);
    expect(open(after, sealed, 'a').toString()).toBe('old');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'nested'))).toEqual(['keyring.json']);
  });

  it('lets only one of several rotations at once through, and loses no key', async () => {
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => rotateKeyring(path)));
    const done = results.filter((result) => result.status === 'fulfilled');
    const current = await loadKeyring(path);
    expect(current.keys.size).toBe(1 + done.length);
    for (const result of done) expect(current.keys.has(result.value.current)).toBe(true);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o601])(
    'refuses a file that others may use (mode %s)',
    async (mode) => {
      await chmod(path, mode);
      await expect(loadKeyring(path)).rejects.toThrow(/chmod 600/);
    },
  );

  it('judges the file behind a symbolic link, as Kubernetes mounts secrets', async () => {
    const alias = join(folder, 'alias.json');
    await symlink(path, alias);
    expect((await loadKeyring(alias)).keys.size).toBe(1);
    await chmod(path, 0o644);
    await expect(loadKeyring(alias)).rejects.toThrow(/chmod 600/);
  });

  it.each([
    ['a short key', { current: 'a', keys: { a: key(31) } }, /key a has 31 bytes/],
    ['a long key', { current: 'a', keys: { a: key(33) } }, /key a has 33 bytes/],
    [
      'an unknown current key',
      { current: 'b', keys: { a: key(32) } },
      /current key is not among its keys \(a\)/,
    ],
    ['no key', { current: 'a', keys: {} }, /current key is not among/],
    ['a key that is no text', { current: 'a', keys: { a: 1 } }, /key a is not base64/],
    ['sloppy base64', { current: 'a', keys: { a: ` ${key(32)}` } }, /key a is not base64/],
    ['an id with a dot', { current: 'a.b', keys: { 'a.b': key(32) } }, /key id must match/],
    ['keys as a list', { current: 'a', keys: [key(32)] }, /expected JSON like/],
    ['a list', [], /expected JSON like/],
  ])('refuses %s', async (_what, content, message) => {
    await write(JSON.stringify(content));
    await expect(loadKeyring(path)).rejects.toThrow(message);
  });

  it('shows no key in the error for broken JSON, nor when a keyring is printed', async () => {
    const text = await readFile(path, 'utf8');
    const material = /: "([A-Za-z0-9+/=]{44})"/.exec(text)?.[1] ?? 'missing';
    await write(text.slice(0, -4));
    const error: unknown = await loadKeyring(path).catch((caught: unknown) => caught);
    expect(inspect(error, { depth: 9 })).not.toContain(material.slice(0, 6));
    await write(text);
    const ring = await loadKeyring(path);
    expect(inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify([...ring.keys])).not.toContain(
      material.slice(0, 6),
    );
  });
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { ArtifactStoreUnavailableError } from '../artifact-store-unavailable-error.js';
import { brokenBody, digestOf, read, stage } from '../contract/test-artifacts.js';
import { ReceiveError } from './receive-error.js';
import { Staging } from './staging.js';

describe('staging', () => {
  let folder: string;
  let staging: Staging;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'staging-')), 'not', 'yet');
    staging = new Staging({ folder });
  });
  afterEach(() => rm(join(folder, '..', '..'), { recursive: true }));
  const left = (): Promise<string[]> => readdir(folder);

  it('receives bytes onto the disk, for its owner only, and says what they hash to', async () => {
    const bytes = randomBytes(300_000);
    const staged = await stage(staging, bytes);
    expect(staged).toMatchObject({ digest: digestOf(bytes), size: bytes.length });
    expect((await stat(staged.path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await staged.discard();
    await staged.discard();
    expect(await left()).toEqual([]);
  });

  it('takes exactly as much as is allowed, and not a byte more', async () => {
    const bytes = randomBytes(1_000);
    const body = () => Readable.from([bytes.subarray(0, 600), bytes.subarray(600)]);
    expect((await staging.receive(body(), { maxBytes: 1_000 })).size).toBe(1_000);
    await expect(staging.receive(body(), { maxBytes: 999 })).rejects.toMatchObject({ reason: 'too-large' });
    expect(await left()).toHaveLength(1);
  });

  it('leaves a refused body to its owner, who may still answer on that connection', async () => {
    const body = Readable.from([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]);
    await expect(staging.receive(body, { maxBytes: 15 })).rejects.toThrow(ReceiveError);
    expect(body.destroyed).toBe(false);
    expect(await read(body)).toHaveLength(10);
  });

  it('tells a body that failed from one that was given up, and keeps nothing of either', async () => {
    const failed = staging.receive(brokenBody(randomBytes(10)), { maxBytes: 100 });
    await expect(failed).rejects.toMatchObject({
      reason: 'cut-short',
      cause: { message: 'the connection was lost' },
    });
    const destroyed = new PassThrough();
    destroyed.write('some');
    const cut = staging.receive(destroyed, { maxBytes: 100 });
    destroyed.destroy();
    await expect(cut).rejects.toMatchObject({ reason: 'cut-short' });
    const abort = new AbortController();
    const endless = new PassThrough();
    endless.write('some');
    const given = staging.receive(endless, { maxBytes: 100, signal: abort.signal });
    abort.abort(new Error('the caller left'));
    await expect(given).rejects.toMatchObject({ reason: 'aborted' });
    expect(endless.destroyed).toBe(true);
    expect(await left()).toEqual([]);
  });

  it('notices a client that announced more than it sent', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const arrived = once(server, 'request') as Promise<[IncomingMessage]>;
    const client = request({
      port: (server.address() as AddressInfo).port,
      method: 'PUT',
      headers: { 'content-length': 1_000 },
    });
    client.on('error', () => undefined);
    client.write('only this');
    const [incoming] = await arrived;
    const received = staging.receive(incoming, { maxBytes: 1_000 });
    client.destroy();
    await expect(received).rejects.toMatchObject({ reason: 'cut-short' });
    expect(await left()).toEqual([]);
    server.close();
  });

  it('takes no text: decoded bytes are not the bytes that were sent', async () => {
    await expect(staging.receive(Readable.from(['text']), { maxBytes: 10 })).rejects.toThrow(TypeError);
    expect(await left()).toEqual([]);
  });

  it('says that it is unavailable when the disk does not do its part', async () => {
    await writeFile(join(folder, '..', '..', 'not'), 'in the way');
    await expect(stage(staging, randomBytes(3))).rejects.toThrow(ArtifactStoreUnavailableError);
  });

  it('sweeps what is old and nobody holds', async () => {
    expect(await staging.sweep(0)).toBe(0);
    const held = await stage(staging, randomBytes(3));
    const [old, young] = [join(folder, 'old.part'), join(folder, 'young.part')];
    const yesterday = new Date(Date.now() - 86_400_000);
    for (const path of [old, young]) await writeFile(path, 'x');
    for (const path of [old, held.path]) await utimes(path, yesterday, yesterday);
    expect(await staging.sweep(3_600_000)).toBe(1);
    expect((await left()).sort()).toEqual([held.path.slice(folder.length + 1), 'young.part'].sort());
    await held.discard();
  });
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { ArtifactStoreUnavailableError, Staging, type S3ArtifactStoreOptions } from '@switchyard/artifacts';
import { describeArtifactStore } from '../../../libs/artifacts/src/contract/artifact-store-contract.js';
import { S3ArtifactStore } from '../../../libs/artifacts/src/stores/s3-artifact-store.js';
import { digestOf, MB, read, stage } from '../../../libs/artifacts/src/contract/test-artifacts.js';

const endpoint = process.env['S3_ENDPOINT'] ?? '';
const region = process.env['S3_REGION'] ?? 'us-east-1';
const credentials = {
  accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
};
const options = (): S3ArtifactStoreOptions => ({
  endpoint,
  region,
  credentials,
  bucket: `test-${randomBytes(6).toString('hex')}`,
  prefix: 'switchyard/',
  createBucket: true,
});
type After = 'cut' | 'silent';

/** Between the store and S3: lets some bytes of the answers through, then breaks or goes silent. */
async function cable(): Promise<{
  endpoint: string;
  after(bytes: number, then: After): void;
  close(): void;
}> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let left = Infinity;
  let then: After = 'cut';
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    sockets.add(near).add(far);
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        left -= chunk.length;
        if (left >= 0) done(null, chunk);
        else if (then === 'cut') near.destroy();
      },
    });
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(meter).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    after(bytes, what) {
      left = bytes;
      then = what;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function real(): void {
  describeArtifactStore('the S3 store', async () => {
    const store = new S3ArtifactStore(options());
    return { store, close: async () => store.close() };
  });

  describe('the S3 store', () => {
    let folder: string;
    let staging: Staging;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'staging-'));
      staging = new Staging({ folder });
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('lists more than one page, and nothing of another prefix', async () => {
      const shared = options();
      const [store, other] = [
        new S3ArtifactStore(shared),
        new S3ArtifactStore({ ...shared, prefix: 'other/' }),
      ];
      await other.keep(await stage(staging, Buffer.from('of another')));
      const kept = new Set<string>();
      const keep = async (n: number): Promise<void> => {
        const staged = await stage(staging, Buffer.from(`artefact ${n}`));
        await store.keep(staged);
        kept.add(staged.digest);
      };
      for (let n = 0; n < 1_050; n += 50)
        await Promise.all(Array.from({ length: 50 }, (_, i) => keep(n + i)));
      const found: string[] = [];
      for await (const { digest } of store.list()) found.push(digest);
      expect(found).toHaveLength(1_050);
      expect(new Set(found)).toEqual(kept);
      store.close();
      other.close();
    });

    it('shows no object whose bytes are not what they are called: the server checks them', async () => {
      const store = new S3ArtifactStore(options());
      await store.keep(await stage(staging, Buffer.from('makes the bucket')));
      const staged = await stage(staging, Buffer.from('what was hashed'));
      await writeFile(staged.path, 'something else!');
      await expect(store.keep(staged)).rejects.toThrow(ArtifactStoreUnavailableError);
      expect(await store.stat(staged.digest)).toBeUndefined();
      store.close();
    });

    it('makes no bucket unless it may, and says so', async () => {
      const store = new S3ArtifactStore({ ...options(), createBucket: false });
      const staged = await stage(staging, randomBytes(10));
      await expect(store.keep(staged)).rejects.toMatchObject({
        operation: 'keep',
        cause: { name: 'NoSuchBucket' },
      });
      await expect(store.open(staged.digest)).rejects.toThrow(ArtifactStoreUnavailableError);
      await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toThrow(
        ArtifactStoreUnavailableError,
      );
      store.close();
    });

    it.each<After>(['cut', 'silent'])(
      'fails a read that is %s on the way: a part is never the whole',
      async (how) => {
        const between = await cable();
        const store = new S3ArtifactStore({ ...options(), endpoint: between.endpoint, timeoutMs: 500 });
        const staged = await stage(staging, randomBytes(8 * MB));
        await store.keep(staged);
        between.after(2 * MB, how);
        const body = await store.open(staged.digest);
        await expect(read(body)).rejects.toThrow(ArtifactStoreUnavailableError);
        expect(body!.destroyed).toBe(true);
        between.after(Infinity, 'cut');
        expect(digestOf((await read(await store.open(staged.digest)))!)).toBe(staged.digest);
        store.close();
        between.close();
      },
    );

    it('publishes nothing when it is cut while keeping, and all of it the next time', async () => {
      const between = await cable();
      const store = new S3ArtifactStore({ ...options(), endpoint: between.endpoint });
      await store.keep(await stage(staging, Buffer.from('makes the bucket')));
      const staged = await stage(staging, randomBytes(MB));
      between.after(0, 'cut');
      await expect(store.keep(staged)).rejects.toThrow(ArtifactStoreUnavailableError);
      between.after(Infinity, 'cut');
      await store.keep(staged);
      expect(digestOf((await read(await store.open(staged.digest)))!)).toBe(staged.digest);
      store.close();
      between.close();
    });

    it('is unavailable, soon, when nobody listens and when nobody answers', async () => {
      const silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const port = (silent.address() as AddressInfo).port;
      const staged = await stage(staging, randomBytes(10));
      for (const address of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
        const store = new S3ArtifactStore({ ...options(), endpoint: address, timeoutMs: 300 });
        await expect(store.keep(staged)).rejects.toThrow(ArtifactStoreUnavailableError);
        await expect(store.stat(staged.digest)).rejects.toThrow(ArtifactStoreUnavailableError);
        await expect(store.open(staged.digest)).rejects.toThrow(ArtifactStoreUnavailableError);
        await expect(store.remove(staged.digest)).rejects.toThrow(ArtifactStoreUnavailableError);
        await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toThrow(
          ArtifactStoreUnavailableError,
        );
        store.close();
      }
      silent.close();
    });

    it('holds no connection for a body that nobody reads to its end', async () => {
      const store = new S3ArtifactStore(options());
      const staged = await stage(staging, randomBytes(4 * MB));
      await store.keep(staged);
      // More than the 50 connections of the client.
      for (let n = 0; n < 120; n += 1) {
        const body = await store.open(staged.digest);
        body!.destroy();
      }
      expect(await store.stat(staged.digest)).toEqual({ size: 4 * MB });
      store.close();
    });
  });
}

if (endpoint !== '') real();
else it.skip('needs S3_ENDPOINT', () => undefined);

import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, keyLookup, PeerIssuer, PeerVerifier } from '@switchyard/auth';
import { identityHeader } from '@switchyard/service';
import { FetchedArtifacts } from './fetched-artifacts.js';
import { HttpRegistryDoor } from './http-registry-door.js';

const key = generateSigningKey(Date.now());
const bytes = randomBytes(300_000);
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
const request = { tenantId: 'acme', pluginId: 'a-plugin', version: '1.0.0', holder: 'rel-1' };

describe('asking a registry in another process', () => {
  let server: Server;
  let door: HttpRegistryDoor;
  let folder: string;
  let fetched: FetchedArtifacts;
  let asked: IncomingMessage[];
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    asked = [];
    server = createServer((incoming, response) => {
      asked.push(incoming);
      incoming.resume();
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    door = new HttpRegistryDoor({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      identities: new PeerIssuer({ service: 'deployments', signingKey: () => key, clock: Date.now }),
    });
    folder = await mkdtemp(join(tmpdir(), 'sy-fetched-'));
    fetched = new FetchedArtifacts(door, folder);
  });
  afterEach(async () => {
    await door.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  const sends = (body: Buffer) => {
    answer = (response) => response.writeHead(200, { 'content-length': body.length }).end(body);
  };
  const cutOff = (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1_000), () => response.destroy());
  };
  const refuses = (status: number, error: object) => {
    answer = (response) => response.writeHead(status).end(JSON.stringify({ error }));
  };

  it('speaks for the service itself, and for that registry alone', async () => {
    answer = (response) => response.writeHead(204).end();
    await door.release('rel-1');
    const token = String(asked[0]?.headers[identityHeader]);
    const verify = (audience: string) =>
      new PeerVerifier({
        audience,
        peer: 'deployments',
        keyFor: keyLookup([key.publicJwk]),
        clock: Date.now,
      }).verify(token);
    verify('registry');
    expect(() => verify('tenants')).toThrow('audience');
    expect(asked[0]).toMatchObject({ method: 'DELETE', url: '/internal/pins/rel-1' });
  });

  it('has what it fetched as a file, whole and under its name', async () => {
    sends(bytes);
    const file = await fetched.fetch(digest);
    expect((await readFile(file)).equals(bytes)).toBe(true);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it.each<[string, () => void, string]>([
    ['other bytes', () => sends(Buffer.concat([bytes.subarray(0, -1), Buffer.of(7)])), 'came as sha256:'],
    ['the beginning only', () => (answer = cutOff), 'closed'],
    ['fewer bytes than it has', () => sends(bytes.subarray(0, 1_000)), 'came as sha256:'],
    ['nothing', () => sends(Buffer.alloc(0)), 'came as sha256:'],
  ])('leaves no file when %s came', async (_what, given, message) => {
    given();
    await expect(fetched.fetch(digest)).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });

  it('fetches at the same time what two need at once', async () => {
    sends(bytes);
    const files = await Promise.all([fetched.fetch(digest), fetched.fetch(digest)]);
    expect(new Set(files).size).toBe(1);
    expect((await readFile(files[0])).equals(bytes)).toBe(true);
  });

  it('refuses in the words of the registry', async () => {
    const details = [{ field: 'a -> b', message: 'is missing' }];
    refuses(409, { code: 'CONFLICT', message: 'it was recalled', details });
    await expect(door.pin(request)).rejects.toMatchObject({
      code: 'CONFLICT',
      status: 409,
      message: 'it was recalled',
      details,
    });
  });

  it('takes no blame for what only the two of us have to sort out', async () => {
    for (const error of [{ code: 'UNAUTHORIZED', message: 'refused' }, { code: 'INTERNAL_ERROR' }, {}]) {
      refuses(error.code === 'UNAUTHORIZED' ? 401 : 500, error);
      await expect(door.pin(request)).rejects.toThrow('the registry answered');
      await expect(door.pin(request)).rejects.not.toHaveProperty('code');
    }
  });

  it('says that it can be tried again when nobody answers', async () => {
    answer = (response) => response.destroy();
    await expect(door.pin(request)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      headers: { 'retry-after': '1' },
    });
  });
});

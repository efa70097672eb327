import { rm, truncate } from 'node:fs/promises';
import { eventually } from '@switchyard/testing';
import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import type { Client } from '../../support/client.js';
import type { PluginArchive } from '../../support/plugin-archive.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { download, mustAnswer, register, upload } from './a-plugin.js';
import { aDeveloperOf, anArchive, artefactPath, registered } from './publishing.js';

describe('downloading an artefact', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  let developer: Client;
  let stranger: Client;
  let archive: PluginArchive;
  let etag: string;

  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform({ ...place.env, HOUSEKEEPING_SECONDS: '1' });
    developer = (await aDeveloperOf(platform.admin, platform.signIn, 'acme')).client;
    stranger = (await aDeveloperOf(platform.admin, platform.signIn, 'globex')).client;
    archive = await published('offered');
    etag = `"${archive.checksum}"`;
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  async function published(pluginId: string, plugin: object = {}): Promise<PluginArchive> {
    const made = await anArchive({}, 5_000);
    await registered(developer, pluginId, made.checksum, { plugin });
    expect((await upload(developer, pluginId, '1.0.0', made.bytes)).status).toBe(201);
    return made;
  }
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    download(stranger, 'offered', '1.0.0', headers, method);
  const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

  it('gives everybody who sees it the bytes, and says what they are', async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': String(archive.bytes.length),
      'accept-ranges': 'bytes',
      etag,
      'repr-digest': `sha-256=:${Buffer.from(archive.checksum.slice(7), 'hex').toString('base64')}:`,
      'cache-control': 'private, max-age=31536000, immutable',
      'content-disposition': 'attachment; filename="offered-1.0.0.tgz"',
      'x-content-type-options': 'nosniff',
    });
    expect(await bytesOf(answer)).toEqual(archive.bytes);
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=10-', 10, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=100-99999999', 100, undefined],
    ['bytes=-99999999', 0, undefined],
  ])('gives the part that %s names', async (range, from, to) => {
    const answer = await get({ range });
    expect(answer.status).toBe(206);
    const part = archive.bytes.subarray(from, to);
    const start = from < 0 ? archive.bytes.length + from : from;
    expect(answer.headers.get('content-range')).toBe(
      `bytes ${start}-${start + part.length - 1}/${archive.bytes.length}`,
    );
    expect(answer.headers.get('content-length')).toBe(String(part.length));
    expect(await bytesOf(answer)).toEqual(part);
  });

  it.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=9-3', 'bytes=x'])(
    'gives the whole for %s, which it does not know',
    async (range) => {
      const answer = await get({ range });
      expect(answer.status).toBe(200);
      expect(await bytesOf(answer)).toEqual(archive.bytes);
    },
  );

  it.each(['bytes=99999999-', 'bytes=-0'])('has nothing at %s, and says how long it is', async (range) => {
    const answer = await get({ range });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${archive.bytes.length}`);
    expect(answer.headers.get('content-disposition')).toBeNull();
    expect(await answer.json()).toMatchObject({ error: { code: 'RANGE_NOT_SATISFIABLE' } });
  });

  it('resumes only what is still the same', async () => {
    const range = 'bytes=5-9';
    expect((await get({ range, 'if-range': etag })).status).toBe(206);
    for (const other of ['"sha256:other"', `W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT'])
      expect((await get({ range, 'if-range': other })).status).toBe(200);
  });

  const ranges: Record<string, string>[] = [{}, { range: 'bytes=0-9' }, { range: 'bytes=99999999-' }];
  it.each(ranges)('is not sent again to who has it, whatever else is asked: %j', async (more) => {
    for (const known of [etag, `"x", W/${etag}`, '*']) {
      const answer = await get({ ...more, 'if-none-match': known });
      expect([known, answer.status]).toEqual([known, 304]);
      expect(answer.headers.get('etag')).toBe(etag);
      expect(await bytesOf(answer)).toHaveLength(0);
    }
    expect((await get({ 'if-none-match': '"sha256:other"' })).status).toBe(200);
  });

  it('tells the same of itself to HEAD, which knows no ranges', async () => {
    for (const headers of ranges) {
      const answer = await get(headers, 'HEAD');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-length')).toBe(String(archive.bytes.length));
      expect(answer.headers.get('etag')).toBe(etag);
    }
    expect((await get({ 'if-none-match': etag }, 'HEAD')).status).toBe(304);
  });

  it.each([
    ['text/html', 406],
    ['application/gzip', 200],
    ['application/gzip;q=0', 406],
    ['application/*', 200],
    ['text/html, */*;q=0.1', 200],
  ])('to a client that reads %s answers %s', async (accept, status) => {
    expect((await get({ accept })).status).toBe(status);
  });

  it('counts what was taken whole', async () => {
    await published('counted');
    for (const headers of [...ranges.slice(0, 2), { range: 'bytes=10-19' }])
      await (await download(stranger, 'counted', '1.0.0', headers)).arrayBuffer();
    await (await download(stranger, 'counted', '1.0.0', {}, 'HEAD')).arrayBuffer();
    await eventually(async () =>
      expect((await developer.get('/api/v1/plugins/counted/versions/1.0.0')).body).toMatchObject({
        downloads: 1,
      }),
    );
  });

  it('of a private plugin is as if it were not there', async () => {
    await published('private-one', { visibility: 'Private' });
    expect((await download(stranger, 'private-one', '1.0.0')).status).toBe(404);
    expect((await download(stranger, 'private-one', '1.0.0', {}, 'HEAD')).status).toBe(404);
    expect((await download(developer, 'private-one', '1.0.0')).status).toBe(200);
    expect((await download(platform.anonymous, 'offered', '1.0.0')).status).toBe(401);
  });

  it('that lies elsewhere, or was not uploaded yet, says so', async () => {
    await register(developer, 'elsewhere', { publisher: undefined });
    expect(await developer.get(artefactPath('elsewhere'))).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('https://example.com/plugin.tgz') as string } },
    });
    await registered(developer, 'awaited', (await anArchive()).checksum);
    expect((await download(developer, 'awaited', '1.0.0')).status).toBe(404);
  });

  it('whose file is gone or cut from the store is no whole answer', async () => {
    const { checksum } = await published('rotting');
    await truncate(place.pathOf(checksum), 100);
    expect((await download(developer, 'rotting', '1.0.0', { range: 'bytes=200-' })).status).toBe(503);
    const cut = await download(developer, 'rotting', '1.0.0')
      .then(
        (answer) => answer.arrayBuffer().then(() => 'whole'),
        () => 'cut',
      )
      .catch(() => 'cut');
    expect(cut).toBe('cut');
    await rm(place.pathOf(checksum));
    const gone = await download(developer, 'rotting', '1.0.0');
    expect(gone.status).toBe(503);
    expect(gone.headers.get('etag')).toBeNull();
    expect(await gone.json()).toMatchObject({ error: { code: 'SERVICE_UNAVAILABLE' } });
  });

  it('of a recalled version is still possible: who runs it may have to look at it', async () => {
    const { bytes } = await published('recalled-one');
    const path = '/api/v1/plugins/recalled-one/versions/1.0.0/recall';
    await mustAnswer(developer.post(path, { reason: 'it leaks' }), 200);
    expect(await bytesOf(await download(stranger, 'recalled-one', '1.0.0'))).toEqual(bytes);
  });
});

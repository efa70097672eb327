import { eventually } from '@switchyard/testing';
import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import type { Client } from '../../support/client.js';
import { openUpload } from '../../support/open-upload.js';
import { checksumOf } from '../../support/plugin-archive.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { mustAnswer, upload } from './a-plugin.js';
import { aDeveloperOf, anArchive, artefactPath, registered } from './publishing.js';

describe('uploading an artefact', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  let developer: Client;
  let stranger: Client;

  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform({ ...place.env, ARTIFACT_UPLOADS: '3' });
    developer = (await aDeveloperOf(platform.admin, platform.signIn, 'acme')).client;
    stranger = (await aDeveloperOf(platform.admin, platform.signIn, 'globex')).client;
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  const kept = (checksum: string) => place.kept().then((all) => all.includes(checksum));
  const nothingOnTheWay = () => eventually(async () => expect(await place.onTheWay()).toEqual([]));

  it('answers 201 with what was found in it, keeps it under its digest, and 200 when it is repeated', async () => {
    const { bytes, checksum } = await anArchive();
    await registered(developer, 'first', checksum);
    const expected = {
      pluginId: 'first',
      version: '1.0.0',
      checksum,
      size: bytes.length,
      format: 'tgz',
      entries: 4,
      status: 'Approved',
    };
    const first = await upload(developer, 'first', '1.0.0', bytes);
    expect(first.status).toBe(201);
    const body = (await first.json()) as { uploadedAt: string };
    expect(body).toMatchObject(expected);
    const again = await upload(developer, 'first', '1.0.0', bytes);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(body);
    expect(await kept(checksum)).toBe(true);
    expect(await place.onTheWay()).toEqual([]);
    expect((await developer.get('/api/v1/plugins/first/versions/1.0.0')).body).toMatchObject({
      artifact: { size: bytes.length, format: 'tgz' },
    });
  });

  it('refuses other bytes than were registered, names both digests and stores nothing', async () => {
    const wanted = await anArchive();
    const other = await anArchive();
    await registered(developer, 'mistaken', wanted.checksum);
    const answer = await upload(developer, 'mistaken', '1.0.0', other.bytes);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'CONFLICT',
        details: [{ field: 'checksum', received: other.checksum, allowed: wanted.checksum }],
      },
    });
    expect(await kept(other.checksum)).toBe(false);
    expect(await place.onTheWay()).toEqual([]);
    expect((await upload(developer, 'mistaken', '1.0.0', wanted.bytes)).status).toBe(201);
  });

  it('is for a version that there is, of a publisher of the caller, that was not recalled', async () => {
    const { bytes, checksum } = await anArchive();
    await registered(developer, 'guarded', checksum);
    expect((await upload(developer, 'guarded', '9.9.9', bytes)).status).toBe(404);
    expect((await upload(developer, 'no-such-plugin', '1.0.0', bytes)).status).toBe(404);
    expect((await upload(stranger, 'guarded', '1.0.0', bytes)).status).toBe(403);
    expect((await upload(platform.anonymous, 'guarded', '1.0.0', bytes)).status).toBe(401);
    await mustAnswer(
      developer.post('/api/v1/plugins/guarded/versions/1.0.0/recall', { reason: 'it leaks' }),
      200,
    );
    const recalled = await upload(developer, 'guarded', '1.0.0', bytes);
    expect(recalled.status).toBe(409);
    expect(await recalled.text()).toContain('was recalled');
    expect(await kept(checksum)).toBe(false);
  });

  it('does not tell a stranger of a private plugin', async () => {
    const { bytes, checksum } = await anArchive();
    await registered(developer, 'secretive', checksum, { plugin: { visibility: 'Private' } });
    expect((await upload(stranger, 'secretive', '1.0.0', bytes)).status).toBe(404);
  });

  it.each(['application/json', 'text/plain', 'application/x-tar', 'multipart/form-data; boundary=x'])(
    'takes no %s',
    async (type) => {
      const { bytes, checksum } = await anArchive();
      const pluginId = `typed-${checksum.slice(7, 15)}`;
      await registered(developer, pluginId, checksum);
      const answer = await upload(developer, pluginId, '1.0.0', bytes, { 'content-type': type });
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject({
        error: {
          code: 'UNSUPPORTED_MEDIA_TYPE',
          message: expect.stringContaining('application/gzip') as string,
        },
      });
    },
  );

  it('refuses JSON before any of it is read, however much is announced', async () => {
    const { checksum } = await anArchive();
    await registered(developer, 'json-bomb', checksum);
    const huge = await openUpload(developer, artefactPath('json-bomb'), 400_000_000, 'application/json');
    expect(await huge.answer).toMatchObject({ status: 415 });
    huge.abort();
  });

  it('says that an empty body is empty', async () => {
    const { checksum } = await anArchive();
    await registered(developer, 'hollow', checksum);
    for (const length of [0, undefined]) {
      const empty = await openUpload(developer, artefactPath('hollow'), length);
      empty.finish();
      expect(await empty.answer).toMatchObject({
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR', message: expect.stringContaining('empty') as string } },
      });
      empty.abort();
    }
    expect(await kept(checksumOf(Buffer.alloc(0)))).toBe(false);
  });

  it('may come in chunks, of any size', async () => {
    const { bytes, checksum } = await anArchive({}, 200_000);
    await registered(developer, 'chunked', checksum);
    const chunked = await openUpload(developer, artefactPath('chunked'));
    for (let at = 0; at < bytes.length; at += 7_777) await chunked.send(bytes.subarray(at, at + 7_777));
    chunked.finish();
    expect(await chunked.answer).toMatchObject({ status: 201, body: { size: bytes.length } });
    chunked.abort();
  });

  it('leaves nothing when the client goes away in the middle', async () => {
    const { bytes, checksum } = await anArchive({}, 100_000);
    await registered(developer, 'given-up', checksum);
    for (const length of [bytes.length, undefined]) {
      const half = await openUpload(developer, artefactPath('given-up'), length);
      await half.send(bytes.subarray(0, 50_000));
      await eventually(async () => expect(await place.onTheWay()).toHaveLength(1));
      half.abort();
      await nothingOnTheWay();
    }
    expect(await kept(checksum)).toBe(false);
    expect(platform.output()).not.toContain('"level":"error"');
    expect((await upload(developer, 'given-up', '1.0.0', bytes)).status).toBe(201);
  });

  it('lets no more of one publisher come at once than leaves room for others, and says when to try again', async () => {
    const { bytes, checksum } = await anArchive({}, 1_000);
    await registered(developer, 'crowded', checksum);
    const begin = async () => {
      const begun = await openUpload(developer, artefactPath('crowded'), bytes.length);
      await begun.send(bytes.subarray(0, 500));
      return begun;
    };
    const two = [await begin(), await begin()];
    await eventually(async () => expect(await place.onTheWay()).toHaveLength(2));
    const third = await upload(developer, 'crowded', '1.0.0', bytes);
    expect(third.status).toBe(503);
    expect(await third.text()).toContain('of yours');
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const one of two) await one.send(bytes.subarray(500));
    const statuses = await Promise.all(two.map(async (one) => (await one.answer).status));
    expect(statuses.sort()).toEqual([200, 201]);
    expect((await upload(developer, 'crowded', '1.0.0', bytes)).status).toBe(200);
    await nothingOnTheWay();
    for (const one of two) one.abort();
  });
});

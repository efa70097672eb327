import { randomBytes } from 'node:crypto';
import { eventually } from '@switchyard/testing';
import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import { openUpload } from '../../support/open-upload.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { upload } from './a-plugin.js';
import { anArchive, artefactPath, registered } from './publishing.js';

describe('an artefact that is larger than allowed', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  const large = randomBytes(3_000_000);

  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform({ ...place.env, ARTIFACT_MAX_MB: '1' });
    const { checksum } = await anArchive();
    await registered(platform.admin, 'too-large', checksum, { plugin: { publisher: 'Acme' } });
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  const refused = { status: 413, body: { error: { code: 'PAYLOAD_TOO_LARGE' } } };
  const nothingStored = async () => {
    await eventually(async () => expect(await place.onTheWay()).toEqual([]));
    expect(await place.kept()).toEqual([]);
  };

  it('is refused by what it announces, before it came', async () => {
    const begun = await openUpload(platform.admin, artefactPath('too-large'), large.length);
    const answer = await begun.answer;
    expect(answer).toMatchObject(refused);
    expect(answer.head).toContain('connection: close');
    begun.abort();
    await nothingStored();
  });

  it('is refused in the middle when it comes in chunks: the answer is seen, and no reset', async () => {
    const begun = await openUpload(platform.admin, artefactPath('too-large'));
    // More than is allowed lies in the sockets between us when the refusal is decided.
    for (let at = 0; at < large.length; at += 500_000) await begun.send(large.subarray(at, at + 500_000));
    const answer = await begun.answer;
    expect(answer).toMatchObject(refused);
    expect(answer.head).toContain('connection: close');
    begun.finish();
    expect(await begun.closed).toBe('ended');
    begun.abort();
    await nothingStored();
  });

  it('closes the connection on a client that stops at once, within its patience', async () => {
    const begun = await openUpload(platform.admin, artefactPath('too-large'));
    await begun.send(large.subarray(0, 1_500_000));
    expect(await begun.answer).toMatchObject(refused);
    expect(await begun.closed).toBe('ended');
    begun.abort();
  });

  it.each(['a length', 'chunks'])(
    'is told to an ordinary client, too, that sends it with %s',
    async (how) => {
      const body =
        how === 'chunks'
          ? new ReadableStream<Uint8Array>({
              start(controller) {
                for (let at = 0; at < large.length; at += 100_000)
                  controller.enqueue(new Uint8Array(large.subarray(at, at + 100_000)));
                controller.close();
              },
            })
          : new Uint8Array(large);
      const answer = await fetch(platform.url + artefactPath('too-large'), {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${platform.admin.token ?? ''}`,
          'content-type': 'application/gzip',
        },
        body,
        duplex: 'half',
      });
      expect(answer.status).toBe(413);
      await answer.text();
      await nothingStored();
    },
  );

  it('leaves room for others: what is small enough is taken', async () => {
    const { bytes, checksum } = await anArchive({}, 900_000);
    await registered(platform.admin, 'large-enough', checksum, { plugin: { publisher: 'Acme' } });
    expect((await upload(platform.admin, 'large-enough', '1.0.0', bytes)).status).toBe(201);
  });
});

import { eventually } from '@switchyard/testing';
import { anArchive, artefactPath, registered } from '../e2e/registry/publishing.js';
import { losesRightsMeanwhile } from '../e2e/registry/artefacts-rights-lost.js';
import { goesThereAndBack } from '../e2e/registry/artefacts-there-and-back.js';
import { makeArtefactFolder, type ArtefactFolder } from '../support/artefact-folder.js';
import type { Client } from '../support/client.js';
import { openUpload } from '../support/open-upload.js';
import { parts, SeparateServices } from './support/separate-services.js';

describe('artefacts between processes', () => {
  let place: ArtefactFolder;
  let services: SeparateServices;
  let gateway: Client;
  let admin: Client;

  beforeAll(async () => {
    place = await makeArtefactFolder();
    services = await SeparateServices.prepare({ ...place.env, ARTIFACT_MAX_MB: '30' });
    for (const part of parts) services.start(part);
    gateway = await services.ready('gateway', 60_000);
    admin = await services.signIn(gateway);
  }, 90_000);
  afterAll(async () => {
    await services.stop();
    await place.remove();
  });

  goesThereAndBack(() => ({ admin }));

  const signIn = async (username: string, password: string): Promise<Client> => {
    const { body } = await gateway.post('/api/v1/authentication/login', { username, password });
    return gateway.with((body as { token: string }).token);
  };
  losesRightsMeanwhile(() => ({ admin, signIn, place }));

  it('that are too large are refused with an answer and not with a reset', async () => {
    await registered(admin, 'too-large', (await anArchive()).checksum, { plugin: { publisher: 'Acme' } });
    for (const length of [40_000_000, undefined]) {
      const begun = await openUpload(admin, artefactPath('too-large'), length);
      const bytes = Buffer.alloc(1_000_000, 1);
      for (let sent = 0; sent < 34; sent += 1) await begun.send(bytes);
      expect(await begun.answer).toMatchObject({
        status: 413,
        head: expect.stringContaining('connection: close') as string,
      });
      expect(await begun.closed).toBe('ended');
      begun.abort();
    }
    await eventually(async () => expect(await place.onTheWay()).toEqual([]));
  });

  it('that a client gives up in the middle are no fault of ours', async () => {
    const { bytes, checksum } = await anArchive({}, 300_000);
    await registered(admin, 'given-up', checksum, { plugin: { publisher: 'Acme' } });
    const begun = await openUpload(admin, artefactPath('given-up'), bytes.length);
    await begun.send(bytes.subarray(0, 200_000));
    await eventually(async () => expect(await place.onTheWay()).toHaveLength(1));
    begun.abort();
    await eventually(async () => expect(await place.onTheWay()).toEqual([]));
    expect(await place.kept()).not.toContain(checksum);
    for (const part of parts) expect(services.running.get(part)?.output()).not.toContain('"level":"error"');
  });
});

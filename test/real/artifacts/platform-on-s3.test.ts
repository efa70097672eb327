import { randomBytes } from 'node:crypto';
import { eventually } from '@switchyard/testing';
import { S3ArtifactStore } from '../../../libs/artifacts/src/stores/s3-artifact-store.js';
import { mustAnswer, upload } from '../../e2e/registry/a-plugin.js';
import { goesThereAndBack } from '../../e2e/registry/artefacts-there-and-back.js';
import { anArchive, registered } from '../../e2e/registry/publishing.js';
import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';

const endpoint = process.env['S3_ENDPOINT'] ?? '';
const region = process.env['S3_REGION'] ?? 'us-east-1';
const credentials = {
  accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
  secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
};
const bucket = `platform-${randomBytes(6).toString('hex')}`;

describe('a platform that keeps artefacts in S3', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  const store = new S3ArtifactStore({ endpoint, region, credentials, bucket });

  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform({
      ...place.env,
      S3_ENDPOINT: endpoint,
      S3_REGION: region,
      S3_BUCKET: bucket,
      S3_CREATE_BUCKET: 'on',
      S3_ACCESS_KEY_ID: credentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ARTIFACT_COLLECT_HOURS: '0',
      HOUSEKEEPING_SECONDS: '1',
    });
  });
  afterAll(async () => {
    store.close();
    await platform.stop();
    await place.remove();
  });

  goesThereAndBack(() => platform);

  it('has nothing on its own disk, and in the bucket only what somebody has', async () => {
    const { bytes, checksum } = await anArchive();
    await registered(platform.admin, 'short-lived', checksum, { plugin: { publisher: 'Acme' } });
    expect((await upload(platform.admin, 'short-lived', '1.0.0', bytes)).status).toBe(201);
    const inBucket = async () => {
      const found: string[] = [];
      for await (const { digest } of store.list()) found.push(digest);
      return found;
    };
    expect(await inBucket()).toHaveLength(2);
    await mustAnswer(platform.admin.delete('/api/v1/plugins/short-lived'), 204);
    await eventually(async () => expect(await inBucket()).toHaveLength(1));
    expect(await inBucket()).not.toContain(checksum);
    expect(await place.onTheWay()).toEqual([]);
    expect(await place.kept()).toEqual([]);
    expect(platform.output()).not.toContain('"level":"error"');
  });
});

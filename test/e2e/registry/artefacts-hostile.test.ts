import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostileArchive } from '../../../libs/artifacts/src/contract/archives/hostile-archive.js';
import { hostileTgz } from '../../../libs/artifacts/src/contract/archives/hostile-tgz.js';
import { hostileZip } from '../../../libs/artifacts/src/contract/archives/hostile-zip.js';
import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import { inTurns } from '../../support/in-turns.js';
import { checksumOf } from '../../support/plugin-archive.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { upload } from './a-plugin.js';
import { anArchive, registered } from './publishing.js';

/** What only the limits of the suite beside the library make hostile: the platform's own are wider. */
const aboutLimits = new Set([
  'too-many-entries',
  'too-large',
  'entry-too-large',
  'manifest-too-large',
  'too-deep',
  'path-too-long',
]);

const corpus = (type: string, archives: readonly HostileArchive[]) =>
  archives
    .filter(([, reason]) => !aboutLimits.has(reason))
    .map(([what, reason, bytes], i) => ({ id: `${type}-${i}`, type, what, reason, bytes }));

const hostile = [...corpus('gzip', hostileTgz), ...corpus('zip', hostileZip)];

describe('hostile archives at the door', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform(place.env);
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  it('are refused, each for its reason, and leave nothing anywhere', async () => {
    // Where a way up, or a path from where the platform was started, would end.
    const outside = async () => [
      ...(await readdir(place.folder)).filter((name) => name !== 'staging'),
      ...(await readdir(dirname(place.folder))).filter((name) => /^(x|a|b|evil|inner|outer)$/.test(name)),
      ...(await readdir(process.cwd())),
    ];
    const before = await outside();
    const answers: unknown[] = [];
    await inTurns(hostile, 4, async ({ id, type, what, reason, bytes }) => {
      await registered(platform.admin, id, checksumOf(bytes), { plugin: { publisher: 'Acme' } });
      const answer = await upload(platform.admin, id, '1.0.0', bytes, {
        'content-type': `application/${type}`,
      });
      const { error } = (await answer.json()) as {
        error?: { code: string; details: { field: string; message: string }[] };
      };
      const told = { code: error?.code, ...error?.details[0] };
      const expected = { code: 'VALIDATION_ERROR', field: 'artifact', message: reason };
      if (answer.status !== 400 || told.code !== expected.code || told.message !== reason)
        answers.push({ type, what, expected, status: answer.status, told });
    });
    expect(answers).toEqual([]);
    expect(new Set(hostile.map(({ reason }) => reason)).size).toBeGreaterThan(20);
    expect(await place.onTheWay()).toEqual([]);
    expect(await place.kept()).toEqual([]);
    expect(await outside()).toEqual(before);
    console.info(
      `${hostile.length} hostile archives of ${new Set(hostile.map((h) => h.reason)).size} kinds refused`,
    );
  }, 120_000);

  it('leave the platform healthy, and leave no version half-made', async () => {
    expect((await platform.anonymous.get('/health/ready')).status).toBe(200);
    expect((await platform.admin.get('/api/v1/plugins/gzip-0/versions/1.0.0')).body).toMatchObject({
      artifact: null,
    });
    expect((await platform.admin.get('/api/v1/plugins/gzip-0')).body).toMatchObject({ status: 'Registered' });
    const { bytes, checksum } = await anArchive();
    await registered(platform.admin, 'honest', checksum, { plugin: { publisher: 'Acme' } });
    expect((await upload(platform.admin, 'honest', '1.0.0', bytes)).status).toBe(201);
    expect(platform.output()).not.toContain('"level":"error"');
  });

  it('are looked into whatever their type is called', async () => {
    const [, , bytes] = hostileZip[0] ?? ['', '', Buffer.alloc(0)];
    await registered(platform.admin, 'disguised', checksumOf(bytes), { plugin: { publisher: 'Acme' } });
    expect((await upload(platform.admin, 'disguised', '1.0.0', bytes)).status).toBe(400);
  });
});

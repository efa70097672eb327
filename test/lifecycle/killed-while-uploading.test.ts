import { randomBytes } from 'node:crypto';
import { eventually } from '@switchyard/testing';
import { download } from '../e2e/registry/a-plugin.js';
import { artefactPath, registered } from '../e2e/registry/publishing.js';
import { makeArtefactFolder, type ArtefactFolder } from '../support/artefact-folder.js';
import { Client } from '../support/client.js';
import { inTurns } from '../support/in-turns.js';
import { openUpload } from '../support/open-upload.js';
import { checksumOf, packPlugin, type PluginArchive } from '../support/plugin-archive.js';
import { parts, SeparateServices } from './support/separate-services.js';

/** Each takes seconds, so a run of all suites has some and `KILLS=50` has many. */
const kills = Number(process.env['KILLS'] ?? 15);
const inFlight = 4;
const different = 40;

interface Waiting {
  pluginId: string;
  archive: PluginArchive;
}

/** The registry alone, so that fifty starts take a minute; what it does with artefacts is the same in one process. */
describe('a registry that is killed again and again while artefacts come', () => {
  let place: ArtefactFolder;
  let services: SeparateServices;
  let admin: Client;
  beforeAll(async () => {
    place = await makeArtefactFolder();
    services = await SeparateServices.prepare({
      ARTIFACT_COLLECT_HOURS: '0',
      HOUSEKEEPING_SECONDS: '1',
      ...place.env,
    });
    for (const part of parts) services.start(part);
    admin = await services.signIn(await services.ready('gateway', 60_000));
  }, 120_000);
  afterAll(async () => {
    await services.stop();
    await place.remove();
  });

  /** Some have the bytes of others: what one upload stores another one finds there. */
  async function registerAll(): Promise<Waiting[]> {
    const archives: PluginArchive[] = [];
    for (let i = 0; i < different; i += 1)
      archives.push(await packPlugin({ 'salt.bin': randomBytes(200_000 + (i % 8) * 60_000) }));
    const plugins = Array.from({ length: kills * inFlight }, (_, i) => ({
      pluginId: `plugin-${i}`,
      archive: archives[(i * 7) % different] as PluginArchive,
    }));
    await inTurns(plugins, 6, async ({ pluginId, archive }) => {
      await registered(admin, pluginId, archive.checksum, { plugin: { publisher: 'Acme' } });
    });
    return plugins;
  }

  const restart = async () => {
    services.start('registry');
    await eventually(() => new Client(services.urlOf('registry')).get('/health'), 60_000);
    await eventually(async () => expect(await place.onTheWay()).toEqual([]));
  };

  /** Now while the bodies come, now while they are stored, now when some are answered. Says who was answered. */
  async function killed(kill: number, batch: readonly Waiting[]): Promise<string[]> {
    const registry = services.running.get('registry');
    const begun = await Promise.all(
      batch.map(async ({ pluginId, archive: { bytes } }) => {
        const upload = await openUpload(admin, artefactPath(pluginId), bytes.length);
        await upload.send(bytes.subarray(0, 180_000));
        return { pluginId, upload, rest: bytes.subarray(180_000) };
      }),
    );
    await eventually(async () => expect(await place.onTheWay()).toHaveLength(inFlight));
    if (kill % 5 > 0) await Promise.all(begun.map(({ upload, rest }) => upload.send(rest)));
    if (kill % 5 === 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    if (kill % 5 > 1) {
      let answers = 0;
      for (const { upload } of begun) void upload.answer.then(() => (answers += 1));
      await eventually(() => expect(answers).toBeGreaterThanOrEqual((kill % 5) - 1));
    }
    await registry?.end('SIGKILL');
    const answers = await Promise.all(
      begun.map(async ({ pluginId, upload }) => {
        if (kill % 5 === 0) upload.abort();
        const status = await upload.answer.then((answer) => answer.status).catch(() => 0);
        upload.abort();
        return { pluginId, status };
      }),
    );
    return answers.filter(({ status }) => status === 200 || status === 201).map(({ pluginId }) => pluginId);
  }

  it('shows nothing that is half there, loses nothing it answered for, and leaks nothing', async () => {
    const plugins = await registerAll();
    const answered: string[] = [];
    let leftBehind = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      answered.push(...(await killed(kill, plugins.slice(kill * inFlight, (kill + 1) * inFlight))));
      leftBehind += (await place.onTheWay()).length;
      expect(await place.rotten()).toEqual([]);
      await restart();
    }
    expect(leftBehind).toBeGreaterThan(kills / 5);

    await services.ready();
    await eventually(async () => expect(await place.onTheWay()).toEqual([]));
    const stored = new Map<string, string>();
    await inTurns(plugins, 8, async ({ pluginId, archive: { checksum } }) => {
      const { body } = await admin.get(`/api/v1/plugins/${pluginId}/versions/1.0.0`);
      if ((body as { artifact: unknown }).artifact === null) return;
      const bytes = Buffer.from(await (await download(admin, pluginId, '1.0.0')).arrayBuffer());
      expect(checksumOf(bytes)).toBe(checksum);
      stored.set(pluginId, checksum);
    });
    expect([...stored.keys()]).toEqual(expect.arrayContaining(answered));
    expect(answered.length).toBeGreaterThan(0);
    expect(stored.size).toBeLessThan(plugins.length);
    const referenced = [...new Set(stored.values())].sort();
    await eventually(async () => expect(await place.kept()).toEqual(referenced));
    await eventually(async () =>
      expect(await services.database.look('SELECT digest FROM registry.blobs')).toHaveLength(
        referenced.length,
      ),
    );
    console.info(
      `${kills} kills, ${leftBehind} files left on the way and swept; ${stored.size} of ${plugins.length} uploads ` +
        `stored (${answered.length} answered), ${referenced.length} blobs, all whole, none too many`,
    );
  }, 900_000);
});

import { randomBytes } from 'node:crypto';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { download } from '../e2e/registry/a-plugin.js';
import { artefactPath, registered } from '../e2e/registry/publishing.js';
import { makeArtefactFolder, type ArtefactFolder } from '../support/artefact-folder.js';
import type { Client } from '../support/client.js';
import { inTurns } from '../support/in-turns.js';
import { checksumOf, packPlugin, type PluginArchive } from '../support/plugin-archive.js';
import { makeHome, readyAt, signInAt, type PlatformHome } from './support/home.js';
import type { StartedProcess } from './support/start-process.js';

const kills = 50;
/** Processes that share the database and the folder: what one leaves another must not take for its own. */
const lanes = 2;
const inFlight = 4;
const different = 40;

interface Waiting {
  pluginId: string;
  archive: PluginArchive;
}

describe('platforms that are killed again and again while artefacts come', () => {
  let database: TestDatabase;
  let place: ArtefactFolder;
  let homes: PlatformHome[];
  const answered = new Set<string>();
  beforeAll(async () => {
    database = await createTestDatabase([]);
    place = await makeArtefactFolder();
    homes = await Promise.all(Array.from({ length: lanes }, () => makeHome()));
  });
  afterAll(async () => {
    await Promise.all(homes.map((home) => home.remove()));
    await place.remove();
    await database.close();
  });

  const start = (home: PlatformHome) =>
    home.start({
      KEYRING_FILE: homes[0]?.path('keyring.json') ?? '',
      DATABASE_URL: database.adminUrl,
      DATABASE_ROLE_SECRET: database.roleSecret,
      DATABASE_CONNECTIONS: '4',
      ARTIFACT_COLLECT_HOURS: '0',
      HOUSEKEEPING_SECONDS: '1',
      ...place.env,
    });

  /** Some have the bytes of others: what one upload stores another one finds there. */
  async function registerAll(admin: Client): Promise<Waiting[]> {
    const archives: PluginArchive[] = [];
    for (let i = 0; i < different; i += 1)
      archives.push(await packPlugin({ 'salt.bin': randomBytes(40_000 + (i % 8) * 60_000) }));
    const plugins = Array.from({ length: kills * inFlight }, (_, i) => ({
      pluginId: `plugin-${i}`,
      archive: archives[(i * 7) % different] as PluginArchive,
    }));
    await inTurns(plugins, 6, async ({ pluginId, archive }) => {
      await registered(admin, pluginId, archive.checksum, { plugin: { publisher: 'Acme' } });
    });
    return plugins;
  }

  /** Calls `moved` whenever a piece is taken and when it is answered. */
  async function put(at: Client, { pluginId, archive }: Waiting, moved: () => void): Promise<void> {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= archive.bytes.length) controller.close();
        else controller.enqueue(new Uint8Array(archive.bytes.subarray(sent, (sent += 30_000))));
        moved();
      },
    });
    const headers = { authorization: `Bearer ${at.token ?? ''}`, 'content-type': 'application/gzip' };
    const request = { method: 'PUT', headers, body, duplex: 'half' } as RequestInit;
    const answer = await fetch(at.url + artefactPath(pluginId), request).catch(() => undefined);
    if (answer) expect([200, 201]).toContain(answer.status);
    if (answer) answered.add(pluginId);
    moved();
  }

  interface Lane {
    home: PlatformHome;
    platform: StartedProcess;
  }

  async function killed(lane: Lane, kill: number, batch: readonly Waiting[], token: string): Promise<number> {
    const at = (await readyAt(lane.platform)).with(token);
    // Now in the middle of the bodies, now while they are stored, now when some are answered.
    let left = 1 + ((kill * 5) % (inFlight * 7));
    const moved = () => {
      left -= 1;
      if (left === 0) setTimeout(() => void lane.platform.end('SIGKILL'), Math.random() * 30);
    };
    await Promise.all(batch.map((waiting) => put(at, waiting, moved)));
    await lane.platform.end('SIGKILL');
    const itsFiles = (await place.onTheWay()).filter((name) => name.includes(`-${lane.platform.pid}-`));
    expect(await place.rotten()).toEqual([]);
    lane.platform = start(lane.home);
    return itsFiles.length;
  }

  it('show nothing that is half there, lose nothing they answered for, and leak nothing', async () => {
    const [first, ...others] = homes as [PlatformHome, ...PlatformHome[]];
    const begun: Lane = { home: first, platform: start(first) };
    const { client: admin } = await signInAt(await readyAt(begun.platform));
    const plugins = await registerAll(admin);
    const allLanes = [begun, ...others.map((home) => ({ home, platform: start(home) }))];
    let next = 0;
    let leftBehind = 0;
    await Promise.all(
      allLanes.map(async (lane) => {
        while (next < kills) {
          const kill = next++;
          const batch = plugins.slice(kill * inFlight, (kill + 1) * inFlight);
          leftBehind += await killed(lane, kill, batch, admin.token ?? '');
        }
      }),
    );
    expect(leftBehind).toBeGreaterThan(0);

    const at = (await readyAt(begun.platform)).with(admin.token ?? '');
    await eventually(async () => expect(await place.onTheWay()).toEqual([]));
    const referenced = new Set<string>();
    let stored = 0;
    await inTurns(plugins, 8, async ({ pluginId, archive }) => {
      const { body } = await at.get(`/api/v1/plugins/${pluginId}/versions/1.0.0`);
      const isStored = (body as { artifact: unknown }).artifact !== null;
      if (!isStored) {
        expect(answered.has(pluginId)).toBe(false);
        return;
      }
      const answer = await download(at, pluginId, '1.0.0');
      expect(checksumOf(Buffer.from(await answer.arrayBuffer()))).toBe(archive.checksum);
      referenced.add(archive.checksum);
      stored += 1;
    });
    expect(stored).toBeGreaterThan(10);
    expect(stored).toBeLessThan(plugins.length);
    await eventually(async () => expect(await place.kept()).toEqual([...referenced].sort()));
    await eventually(async () =>
      expect(await database.look('SELECT digest FROM registry.blobs')).toHaveLength(referenced.size),
    );
    for (const { platform } of allLanes) await platform.end();
    console.info(
      `${kills} kills, ${leftBehind} files left on the way and swept; ${stored} of ${plugins.length} uploads ` +
        `stored, ${referenced.size} blobs, all whole, none too many`,
    );
  }, 300_000);
});

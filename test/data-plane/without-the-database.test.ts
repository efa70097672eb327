import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@switchyard/testing';
import { AppWorld, pluginId } from './support/app-world.js';

const app = `/app/${pluginId}/x`;

describe('without the database', () => {
  let world: AppWorld;
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sy-state-'));
    await chmod(folder, 0o700);
    file = join(folder, 'known-feeds.json');
    world = await AppWorld.start({ stateFolder: folder });
    await world.simple({ limits: { requestsPerMinute: 100_000 } });
  });
  afterEach(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  const statusAt = async (url: string) => (await fetch(url + app, { headers: world.headers })).status;
  const written = () =>
    eventually(async () => {
      const { feeds } = JSON.parse(await readFile(file, 'utf8'));
      expect(feeds['deployments.policies'].entries).toHaveLength(1);
      expect(feeds['deployments.endpoints'].entries).toHaveLength(1);
      expect(feeds['tenants.signing-keys'].entries).toHaveLength(1);
    });

  it('plugins are served on, limits included, and changes come when it is back', async () => {
    expect(await statusAt(world.url)).toBe(200);
    await world.outage();
    for (let i = 0; i < 20; i += 1) expect(await statusAt(world.url)).toBe(200);
    await world.back();
    await eventually(() => world.tenant('acme-corp', 'Suspended'));
    await eventually(async () => expect(await statusAt(world.url)).toBe(503));
  });

  it('a gateway that starts serves what was last known, and catches up when the database is back', async () => {
    await written();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await world.outage();
    const late = await world.startGateway({ stateFolder: folder });
    expect(await statusAt(late.url)).toBe(200);
    await world.back();
    await eventually(() => world.tenant('acme-corp', 'Suspended'));
    await eventually(async () => expect(await statusAt(late.url)).toBe(503));
  });

  it.each([
    ['that is too old', async () => utimes(file, 1, 1)],
    ['that is broken', async () => writeFile(file, '{"format":1,"feeds":{"deployments.pol')],
    ['of another format', async () => writeFile(file, '{"format":2,"feeds":{}}')],
  ])('a file %s is no reason to fail, and is not believed', async (_name, spoil) => {
    await written();
    await world.simple({ pluginId: 'another-one' });
    await spoil();
    const { url } = await world.startGateway({ stateFolder: folder });
    await eventually(async () => expect(await statusAt(url)).toBe(200));
  });

  it('nothing is served that was not confirmed for longer than allowed', async () => {
    const strict = await world.startGateway({ stateFolder: null, APP_MAX_STALE_SECONDS: 4_000 });
    await eventually(async () => expect(await statusAt(strict.url)).toBe(200));
    await world.outage();
    await eventually(async () => expect(await statusAt(strict.url)).toBe(503), 20_000);
    expect(await statusAt(world.url)).toBe(200);
    await world.back();
    await eventually(async () => expect(await statusAt(strict.url)).toBe(200), 20_000);
  });

  it('leaves no half-written file behind', async () => {
    await written();
    for (let i = 0; i < 5; i += 1) await world.simple({ pluginId: `plugin-${i}` });
    await world.stop();
    expect(await readdir(folder)).toEqual(['known-feeds.json']);
    expect(JSON.parse(await readFile(file, 'utf8')).feeds['deployments.policies'].entries).toHaveLength(6);
    world = await AppWorld.start({ stateFolder: null });
  });
});

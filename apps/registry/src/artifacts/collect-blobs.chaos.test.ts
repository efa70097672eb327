import { AppError } from '@switchyard/errors';
import { aRegistry, someBytes, type ARegistry, type Bytes } from './contract/a-registry.js';

const different = 3;
const actors = 4;
const steps = 60;

describe('uploads, deletions, pins and collections without grace, all at once, of the same few bytes', () => {
  let registry: ARegistry;
  let artefacts: Bytes[];
  beforeAll(async () => {
    registry = await aRegistry(12);
    artefacts = await Promise.all(Array.from({ length: different }, someBytes));
  });
  afterAll(() => registry.close());

  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(Math.random() * of.length)];
  const plugins: string[] = [];
  const holders: string[] = [];
  const done: Record<string, number> = {};
  let made = 0;
  const count = (name: string) => (done[name] = (done[name] ?? 0) + 1);

  /** A refusal is an answer; anything else is a fault. */
  const mayBeRefused = async (name: string, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      count(name);
      return true;
    } catch (error) {
      if (!(error instanceof AppError) || error.status === 500) throw error;
      count(`${name} refused: ${error.code}`);
      return false;
    }
  };

  const moves: (() => Promise<unknown>)[] = [
    async () => {
      const bytes = one(artefacts)!;
      const pluginId = `plugin-${(made += 1)}`;
      await registry.register(pluginId, bytes);
      plugins.push(pluginId);
      await mayBeRefused('upload', () => registry.upload(pluginId, bytes));
    },
    async () => {
      const pluginId = one(plugins);
      if (pluginId && (await mayBeRefused('delete', () => registry.delete(pluginId))))
        plugins.splice(plugins.indexOf(pluginId), 1);
    },
    async () => {
      const pluginId = one(plugins);
      const holder = `dep-${(made += 1)}`;
      if (pluginId && (await mayBeRefused('pin', () => registry.pin(pluginId, holder)))) holders.push(holder);
    },
    async () => {
      const holder = holders.shift();
      if (holder) await mayBeRefused('release', () => registry.release(holder));
    },
    () => mayBeRefused('collect', () => registry.collect()),
  ];

  /** With the rows locked, so that nobody removes anything while we look. */
  const withoutBytes = () =>
    registry.database.withPlatform('change a plugin', async (tx) => {
      await tx.query('SELECT 1 FROM registry.blobs ORDER BY digest FOR UPDATE');
      const needed = await tx.query<{ checksum: `sha256:${string}` }>(
        `SELECT checksum FROM registry.versions WHERE artifact IS NOT NULL
         UNION SELECT digest FROM registry.pins`,
      );
      const there = await Promise.all(needed.map(({ checksum }) => registry.store.stat(checksum)));
      return needed.filter((_, i) => there[i] === undefined);
    });

  it('never leave anybody without the bytes they need, and at the end leave none that nobody needs', async () => {
    let looks = 0;
    let isOver = false;
    const watch = async () => {
      while (!isOver) {
        expect(await withoutBytes()).toEqual([]);
        looks += 1;
      }
    };
    const act = async () => {
      for (let step = 0; step < steps; step += 1) await one(moves)!();
    };
    const watching = watch();
    await Promise.all(Array.from({ length: actors }, act)).finally(() => (isOver = true));
    await watching;
    expect(done['upload']).toBeGreaterThan(20);
    expect(looks).toBeGreaterThan(20);

    await registry.collect();
    const needed = await registry.look<{ checksum: string }>(
      `SELECT DISTINCT checksum FROM registry.versions WHERE artifact IS NOT NULL ORDER BY 1`,
    );
    expect(await registry.kept()).toEqual(needed.map(({ checksum }) => checksum));
    for (const holder of holders) await registry.release(holder);
    for (const pluginId of plugins) await registry.delete(pluginId);
    await registry.collect();
    expect(await registry.kept()).toEqual([]);
    expect(await registry.known()).toEqual([]);
    console.info(`${actors * steps} steps, ${looks} looks: ${JSON.stringify(done)}`);
  }, 60_000);
});

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a platform keeps artefacts, seen from the side. */
export interface ArtefactFolder {
  folder: string;
  /** For the platform to use it. */
  env: { ARTIFACT_DIR: string };
  /** What is on its way in. */
  onTheWay(): Promise<string[]>;
  /** The checksums of all that is kept. */
  kept(): Promise<string[]>;
  pathOf(checksum: string): string;
  /** Names of kept files whose bytes are other than the name says. */
  rotten(): Promise<string[]>;
  remove(): Promise<void>;
}

export async function makeArtefactFolder(): Promise<ArtefactFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-artefacts-'));
  const names = (...parts: string[]) =>
    readdir(join(folder, ...parts), { recursive: true, withFileTypes: true }).then(
      (entries) => entries.filter((entry) => entry.isFile()).map(({ name }) => name),
      () => [],
    );
  const kept = async () => (await names('blobs', 'sha256')).map((name) => `sha256:${name}`).sort();
  const pathOf = (checksum: string) =>
    join(folder, 'blobs', 'sha256', checksum.slice(7, 9), checksum.slice(7));
  return {
    folder,
    env: { ARTIFACT_DIR: folder },
    onTheWay: async () => [...(await names('staging')), ...(await names('incoming'))],
    kept,
    pathOf,
    async rotten() {
      const wrong: string[] = [];
      for (const checksum of await kept()) {
        // May have been collected since its name was read.
        const bytes = await readFile(pathOf(checksum)).catch(() => undefined);
        if (bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}` !== checksum)
          wrong.push(checksum);
      }
      return wrong;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

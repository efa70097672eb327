import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '@switchyard/artifacts';
import type { RegistryDoor } from '../registry-door.js';

/** Nobody takes that long to unpack an artefact. */
const keptMs = 3_600_000;

/** Artefacts as files, for who is about to unpack them. What is not what its digest says never lies there under its name. */
export class FetchedArtifacts {
  constructor(
    private readonly registry: Pick<RegistryDoor, 'open'>,
    private readonly folder: string,
  ) {}

  async fetch(digest: Digest): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.removeOld();
    const file = join(this.folder, `${digest.replace(':', '-')}.archive`);
    const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      const { stream, size } = await this.registry.open(digest);
      await pipeline(stream, verified(digest, size), createWriteStream(unfinished, { mode: 0o600 }));
      await rename(unfinished, file);
      return file;
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  private async removeOld(): Promise<void> {
    const before = Date.now() - keptMs;
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found && found.mtimeMs < before) await rm(path, { force: true });
    }
  }
}

/** Passes on what comes, and fails at its end, or as soon as there is too much, unless it was what it is called. */
function verified(digest: Digest, size: number): Transform {
  const hash = createHash('sha256');
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      seen += chunk.length;
      if (seen > size) done(new Error(`the artefact ${digest} came with more than its ${size} bytes`));
      else done(null, chunk);
    },
    flush(done) {
      const found = `sha256:${hash.digest('hex')}`;
      done(
        found === digest
          ? null
          : new Error(`the artefact ${digest} came as ${found}, in ${seen} of ${size} bytes`),
      );
    },
  });
}

import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore, Digest } from '@switchyard/artifacts';
import type { Manifest } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { releasePins, takePin } from '../artifacts/pins.js';
import { mustSee } from '../sight/catalogue-reader.js';
import { mustSeeVersion } from '../versions/must-see-version.js';

export interface DeployableRequest {
  /** Whose installation it is for: what is private to others is not there. */
  tenantId: string;
  pluginId: string;
  version: string;
  /** Who needs it, by an id of theirs. */
  holder: string;
}

export interface RegistryDoorParts {
  readonly database: ServiceDatabase;
  readonly store: ArtifactStore;
  /** For artefacts that somebody is about to unpack. */
  readonly folder: string;
}

/** Nobody takes that long to unpack an artefact. */
const keptMs = 3_600_000;

/** What deployments asks of the registry when they live in one process. */
export class RegistryDoor {
  constructor(private readonly parts: RegistryDoorParts) {}

  async pin({ tenantId, pluginId, version, holder }: DeployableRequest) {
    const { database } = this.parts;
    const plugin = await database.withTenant(tenantId, async (tx) => {
      const sight = { tx, where: [] };
      const [seen] = await Promise.all([
        mustSee(sight, pluginId),
        mustSeeVersion(sight, { pluginId, version }),
      ]);
      return seen;
    });
    const row = await database.withPlatform('hold a version', (tx) =>
      takePin(tx, { pluginId, version, holder }),
    );
    return {
      pluginId,
      version: row.semantic_version,
      category: plugin.category,
      digest: row.checksum,
      runtime: row.runtime,
      resources: row.resources,
      manifest: (row.manifest ?? {}) as Partial<Manifest>,
      stored: row.artifact !== null,
      signed: row.signed,
      warnings:
        row.deprecation === null ? [] : [`${pluginId} ${version} is deprecated: ${row.deprecation.message}`],
    };
  }

  async release(holder: string): Promise<void> {
    await this.parts.database.withPlatform('let go of a version', (tx) => releasePins(tx, holder));
  }

  /** A file with the artefact's bytes, for as long as unpacking it may take. */
  async fetch(digest: Digest): Promise<string> {
    const { store, folder } = this.parts;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.removeOld();
    const source = await store.open(digest);
    if (!source) throw new Error(`the artefact ${digest} is not in the registry's store`);
    const file = join(folder, `${digest.replace(':', '-')}.archive`);
    const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      await pipeline(source, createWriteStream(unfinished, { mode: 0o600 }));
      await rename(unfinished, file);
      return file;
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  private async removeOld(): Promise<void> {
    const { folder } = this.parts;
    const before = Date.now() - keptMs;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found && found.mtimeMs < before) await rm(path, { force: true });
    }
  }
}

import type { Readable } from 'node:stream';
import { readExactly, type ArtifactStore, type Digest } from '@switchyard/artifacts';
import type { DeployableRequest, DeployableVersion, PinRequest } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { isPinned, releasePins, takePin } from '../artifacts/pins.js';
import type { PluginRow } from '../plugins/plugin.store.js';
import { mustSee } from '../sight/catalogue-reader.js';
import { mustSeeVersion } from '../versions/must-see-version.js';
import { deployableVersion } from './deployable-version.js';

export interface RegistryDoorParts {
  readonly database: ServiceDatabase;
  readonly store: ArtifactStore;
}

/** What deployments asks of the registry: in one process this, between processes through `serveDoor`. */
export class RegistryDoor {
  constructor(private readonly parts: RegistryDoorParts) {}

  /** Keeps the version and its bytes for the holder, or says why it cannot be deployed. */
  async pin({ holder, ...request }: PinRequest): Promise<DeployableVersion> {
    const plugin = await this.mustSee(request);
    const { pluginId, version } = request;
    const row = await this.parts.database.withPlatform('hold a version', (tx) =>
      takePin(tx, { pluginId, version, holder }),
    );
    return deployableVersion(plugin, row);
  }

  async release(holder: string): Promise<void> {
    await this.parts.database.withPlatform('let go of a version', (tx) => releasePins(tx, holder));
  }

  /** The bytes of an artefact that is held; of no other. */
  async open(digest: Digest): Promise<{ stream: Readable; size: number }> {
    const { database, store } = this.parts;
    const held = await database.withPlatform('hand over what is held', (tx) => isPinned(tx, digest));
    if (!held) throw notFound('Artefact', digest);
    const found = await store.stat(digest);
    const stream = found && (await store.open(digest));
    if (stream) return { stream: readExactly(stream, found.size), size: found.size };
    throw new AppError('SERVICE_UNAVAILABLE', 'The bytes of this artefact are not in the store just now', {
      retryAfter: 5,
    });
  }

  /** As the tenant sees it. */
  private mustSee({ tenantId, pluginId, version }: DeployableRequest): Promise<PluginRow> {
    return this.parts.database.withTenant(tenantId, async (tx) => {
      const sight = { tx, where: [] };
      const [plugin] = await Promise.all([
        mustSee(sight, pluginId),
        mustSeeVersion(sight, { pluginId, version }),
      ]);
      return plugin;
    });
  }
}

import type { Readable } from 'node:stream';
import { readExactly, type ArtifactStore, type Digest } from '@switchyard/artifacts';
import type {
  DeployableRequest,
  DeployableVersion,
  LookedAtVersion,
  PinRequest,
  Resolution,
  ResolutionRequest,
} from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { isPinned, releasePins, takePin } from '../artifacts/pins.js';
import { whyNotDeployable } from '../artifacts/why-not-deployable.js';
import type { FairTurns } from '../dependencies/fair-turns.js';
import { loadWorld } from '../dependencies/load-world.js';
import type { Resolver } from '../dependencies/resolver.js';
import { noTerms } from '../dependencies/tenant-terms.js';
import type { PluginRow } from '../plugins/plugin.store.js';
import { mustSee } from '../sight/catalogue-reader.js';
import { mustSeeVersion } from '../versions/must-see-version.js';
import type { VersionRow } from '../versions/version.store.js';
import { deployableVersion } from './deployable-version.js';

export interface RegistryDoorParts {
  readonly database: ServiceDatabase;
  readonly store: ArtifactStore;
  readonly resolver: Resolver;
  readonly turns: FairTurns;
}

/** What deployments asks of the registry: in one process this, between processes through `serveDoor`. */
export class RegistryDoor {
  constructor(private readonly parts: RegistryDoorParts) {}

  /** Keeps the version and its bytes for the holder, or says why it cannot be deployed. */
  async pin({ holder, ...request }: PinRequest): Promise<DeployableVersion> {
    const { plugin } = await this.seen(request);
    const { pluginId, version } = request;
    const row = await this.parts.database.withPlatform('hold a version', (tx) =>
      takePin(tx, { pluginId, version, holder }),
    );
    return deployableVersion(plugin, row);
  }

  /** The same, and nothing is held: what can be said of it now. */
  async look(request: DeployableRequest): Promise<LookedAtVersion> {
    const { plugin, row } = await this.seen(request);
    return { ...deployableVersion(plugin, row), refusals: whyNotDeployable(plugin, row) };
  }

  /** What it needs beside what is installed. What the tenant demands of each is the asker's to say. */
  async resolve({ tenantId, pluginId, version, installed }: ResolutionRequest): Promise<Resolution> {
    const { database, resolver, turns } = this.parts;
    return await turns.admit(`tenant:${tenantId}`, async (inTurn) => {
      const named = { pluginId, version };
      const world = await database.withTenant(tenantId, async (tx) => {
        const sight = { tx, where: [] };
        await mustSeeVersion(sight, named);
        return await loadWorld(sight, [pluginId], installed);
      });
      return await inTurn(() => resolver.resolve(named, world, { terms: noTerms, upgradeInstalled: false }));
    });
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
  private seen({
    tenantId,
    pluginId,
    version,
  }: DeployableRequest): Promise<{ plugin: PluginRow; row: VersionRow }> {
    return this.parts.database.withTenant(tenantId, async (tx) => {
      const sight = { tx, where: [] };
      const [plugin, row] = await Promise.all([
        mustSee(sight, pluginId),
        mustSeeVersion(sight, { pluginId, version }),
      ]);
      return { plugin, row };
    });
  }
}

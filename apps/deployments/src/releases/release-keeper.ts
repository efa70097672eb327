import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import type { RegistryDoor } from '../registry-door.js';
import { removeOfPurgedTenant } from '../purge/purge.store.js';
import { unneededReleases, unpinned } from './release.store.js';

export interface ReleaseKeeperParts {
  readonly database: ServiceDatabase;
  readonly registry: RegistryDoor;
  readonly logger: Logger;
}

const atOnce = 100;

/** Lets the registry go of versions that nothing runs and that no rollback can bring back. */
export class ReleaseKeeper {
  constructor(private readonly parts: ReleaseKeeperParts) {}

  async tidy(): Promise<void> {
    const { database, registry, logger } = this.parts;
    const unneeded = await database.withPlatform('let go of releases', (tx) => unneededReleases(tx, atOnce));
    for (const { release_id: releaseId } of unneeded) {
      try {
        await registry.release(releaseId);
        await database.withPlatform('let go of releases', async (tx) => {
          await unpinned(tx, releaseId);
          await removeOfPurgedTenant(tx, releaseId);
        });
      } catch (error) {
        logger.warn({ err: error, releaseId }, 'a version stays held for now');
      }
    }
  }
}

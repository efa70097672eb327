import type { ArtifactStore } from '@switchyard/artifacts';
import type { ServiceDatabase } from '@switchyard/database';
import { forgetBlob, lockRemovableBlob, markBlobs } from './blob.store.js';

/**
 * Removes bytes that no version and no pin can reach: marked first, looked at again after the grace period, and removed
 * under the lock that an upload and a pin take, too. A crash in between leaves a row without bytes, which the next
 * collection removes. Any number of replicas may do it. Answers how many were removed.
 */
export async function collectBlobs(
  database: ServiceDatabase,
  store: ArtifactStore,
  graceMs: number,
): Promise<number> {
  await database.withPlatform('collect artefacts', (tx) => markBlobs(tx, graceMs));
  let removed = 0;
  for (;;) {
    const found = await database.withPlatform('collect artefacts', async (tx) => {
      const digest = await lockRemovableBlob(tx, graceMs);
      if (digest === undefined) return false;
      // The bytes go while the row is locked: who would bring them back waits for us, and brings them anew.
      await store.remove(digest);
      await forgetBlob(tx, digest);
      return true;
    });
    if (!found) return removed;
    removed += 1;
  }
}

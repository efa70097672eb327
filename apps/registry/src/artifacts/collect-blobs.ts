import type { ArtifactStore, StoredArtifact } from '@switchyard/artifacts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import {
  adoptBlobs,
  forgetBlob,
  isUnreferenced,
  lockMarkedBlob,
  markBlobs,
  unmarkBlob,
} from './blob.store.js';

const inPlatform = <T>(database: ServiceDatabase, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  database.withPlatform('collect artefacts', work);

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
  await inPlatform(database, (tx) => markBlobs(tx, graceMs));
  let removed = 0;
  for (;;) {
    const found = await inPlatform(database, (tx) => collectOne(tx, store, graceMs));
    if (found === 'none') return removed;
    if (found === 'removed') removed += 1;
  }
}

async function collectOne(
  tx: Transaction,
  store: ArtifactStore,
  graceMs: number,
): Promise<'removed' | 'needed' | 'none'> {
  const digest = await lockMarkedBlob(tx, graceMs);
  if (digest === undefined) return 'none';
  if (!(await isUnreferenced(tx, digest))) {
    await unmarkBlob(tx, digest);
    return 'needed';
  }
  // The bytes go while the row is locked: who would bring them back waits for us, and brings them anew.
  await store.remove(digest);
  await forgetBlob(tx, digest);
  return 'removed';
}

const atOnce = 1_000;

/**
 * Writes down what lies in the store unknown to us, so that it is collected like anything else: bytes that came after their
 * row was collected, or after the backup that the database was restored from. Answers how many there were.
 */
export async function adoptStrays(database: ServiceDatabase, store: ArtifactStore): Promise<number> {
  let adopted = 0;
  let batch: StoredArtifact[] = [];
  const flush = async () => {
    if (batch.length > 0) adopted += await inPlatform(database, (tx) => adoptBlobs(tx, batch));
    batch = [];
  };
  for await (const stored of store.list()) {
    batch.push(stored);
    if (batch.length === atOnce) await flush();
  }
  await flush();
  return adopted;
}

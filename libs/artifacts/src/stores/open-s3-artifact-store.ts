import type { ArtifactStore } from '../artifact-store.js';
import type { S3ArtifactStoreOptions } from './s3-artifact-store.js';

/** Whoever keeps files does not wait half a second for the SDK. */
export async function openS3ArtifactStore(options: S3ArtifactStoreOptions): Promise<ArtifactStore> {
  const { S3ArtifactStore } = await import('./s3-artifact-store.js');
  return new S3ArtifactStore(options);
}

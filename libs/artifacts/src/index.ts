export { ArtifactRangeError } from './artifact-range-error.js';
export type { ArtifactStore, ByteRange, StoredArtifact } from './artifact-store.js';
export { ArtifactStoreUnavailableError } from './artifact-store-unavailable-error.js';
export { isDigest, type Digest } from './digest.js';
export { ReceiveError, type ReceiveFailure } from './staging/receive-error.js';
export type { StagedArtifact } from './staging/staged-artifact.js';
export { Staging, type ReceiveOptions } from './staging/staging.js';
export { readExactly } from './stores/read-exactly.js';
export { FileArtifactStore } from './stores/file-artifact-store.js';
export { openS3ArtifactStore } from './stores/open-s3-artifact-store.js';
export type { S3ArtifactStoreOptions } from './stores/s3-artifact-store.js';
export type { ArchiveLimits } from './archives/archive-limits.js';
export {
  ARCHIVE_REFUSALS,
  ArchiveRefusedError,
  type ArchiveRefusal,
} from './archives/archive-refused-error.js';
export { inspectArchive, type InspectedArchive } from './archives/inspect-archive.js';

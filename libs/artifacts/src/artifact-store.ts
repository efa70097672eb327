import type { Readable } from 'node:stream';
import type { Digest } from './digest.js';
import type { StagedArtifact } from './staging/staged-artifact.js';

/** Both ends are included; an end beyond the last byte means the last byte. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredArtifact {
  readonly digest: Digest;
  readonly size: number;
  /** When it was last kept: a collector that spares the young never takes what somebody is just referring to. */
  readonly storedAt: Date;
}

/** What is not there is `undefined`; a store that cannot answer throws `ArtifactStoreUnavailableError`. */
export interface ArtifactStore {
  readonly kind: 'files' | 's3';
  /** Publishes a staged artefact under its digest; repeatable; never half-visible. The caller discards what is staged. */
  keep(staged: StagedArtifact): Promise<void>;
  stat(digest: Digest): Promise<{ size: number } | undefined>;
  /** A range that begins beyond the end throws `ArtifactRangeError`. */
  open(digest: Digest, range?: ByteRange): Promise<Readable | undefined>;
  /** Whether there was something to remove. */
  remove(digest: Digest): Promise<boolean>;
  list(): AsyncIterable<StoredArtifact>;
}

import type { ArtifactStore, Staging } from '@switchyard/artifacts';

/** Where bytes are kept, and where they lie until they are; a class because it is its own injection token. */
export abstract class Artifacts {
  abstract readonly store: ArtifactStore;
  abstract readonly staging: Staging;
  /** Removes what lies there of which nothing will become any more. */
  abstract sweep(olderThanMs: number): Promise<number>;
}

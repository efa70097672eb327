import { stat } from 'node:fs/promises';
import type { Digest } from '../digest.js';

/** Bytes on the local disk that nobody can see yet, hashed on their way there. */
export interface StagedArtifact {
  readonly digest: Digest;
  readonly size: number;
  readonly path: string;
  /** May be called at any time and more than once: a store that has kept it has a copy or a link of its own. */
  discard(): Promise<void>;
}

/** Whoever lets go of a staged file too early, or writes to it, would have a store publish something else. */
export async function assertUnchanged(staged: StagedArtifact): Promise<void> {
  const found = await stat(staged.path).catch(() => undefined);
  if (found?.size !== staged.size)
    throw new Error(`What was staged as ${staged.digest} is gone or was changed (${staged.path})`);
}

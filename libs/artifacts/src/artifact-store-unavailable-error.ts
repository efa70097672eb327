/** The store, or the disk it stands on, did not do what it was asked: try again later. */
export class ArtifactStoreUnavailableError extends Error {
  override readonly name = 'ArtifactStoreUnavailableError';

  constructor(
    readonly operation: string,
    cause: unknown,
  ) {
    super(
      `The artefact store could not ${operation}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** Everything that goes wrong inside `work` is the store's fault; what is the caller's is checked outside of it. */
export async function orUnavailable<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ArtifactStoreUnavailableError) throw error;
    throw new ArtifactStoreUnavailableError(operation, error);
  }
}

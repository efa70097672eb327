/** The catalogue or the request holds what registration should have refused. */
export class InvalidResolveRequestError extends Error {
  override readonly name = 'InvalidResolveRequestError';
}

export class ResolutionTimedOutError extends Error {
  override readonly name = 'ResolutionTimedOutError';

  constructor(readonly timeMs: number) {
    super(`The dependencies could not be resolved within ${timeMs} ms`);
  }
}

export class ResolutionOutOfMemoryError extends Error {
  override readonly name = 'ResolutionOutOfMemoryError';

  constructor(readonly maxOldSpaceMb: number) {
    super(`The dependencies could not be resolved within ${maxOldSpaceMb} MB`);
  }
}

/** The pool was closed, or its worker ended without an answer. */
export class ResolutionAbandonedError extends Error {
  override readonly name = 'ResolutionAbandonedError';
}

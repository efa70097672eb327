import type { ByteRange } from './artifact-store.js';

export class ArtifactRangeError extends RangeError {
  override readonly name = 'ArtifactRangeError';

  constructor(
    readonly range: ByteRange,
    options?: ErrorOptions,
  ) {
    super(`The artefact has no bytes ${range.start} to ${range.end}`, options);
  }
}

export function assertRange(range: ByteRange): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new ArtifactRangeError(range);
}

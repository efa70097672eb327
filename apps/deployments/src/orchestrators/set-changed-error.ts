/** An instance set never changes its release: another release is another set. */
export class SetChangedError extends Error {
  override readonly name = 'SetChangedError';

  constructor(
    readonly setId: string,
    readonly changed: readonly string[],
  ) {
    super(`Instance set ${setId} cannot change its ${changed.join(', ')}: make a new set`);
  }
}

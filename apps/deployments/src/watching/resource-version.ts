/** A change's place. Versions begin anew in every epoch, and a restored database begins one. */
export interface ResourceVersion {
  readonly epoch: number;
  readonly version: number;
}

export const resourceVersionText = ({ epoch, version }: ResourceVersion): string =>
  `${epoch.toString(36)}.${version.toString(36)}`;

/** Undefined: we never wrote that. */
export function readResourceVersion(text: string): ResourceVersion | undefined {
  const [, epoch = '', version = ''] = /^([0-9a-z]{1,11})\.([0-9a-z]{1,11})$/.exec(text) ?? [];
  const read = { epoch: Number.parseInt(epoch, 36), version: Number.parseInt(version, 36) };
  return Number.isSafeInteger(read.epoch) && Number.isSafeInteger(read.version) ? read : undefined;
}

export const ARCHIVE_REFUSALS = [
  'unknown-format',
  'malformed',
  'truncated',
  'corrupt',
  'bad-checksum',
  'trailing-data',
  'hidden-data',
  'empty',
  'too-many-entries',
  'too-large',
  'entry-too-large',
  'ratio-too-high',
  'manifest-too-large',
  'path-too-long',
  'too-deep',
  'bad-name',
  'absolute-path',
  'path-traversal',
  'backslash',
  'drive-letter',
  'control-character',
  'device-name',
  'duplicate-entry',
  'name-collision',
  'file-and-folder',
  'symlink',
  'hardlink',
  'device',
  'fifo',
  'socket',
  'sparse',
  'unsupported-type',
  'setuid',
  'pax-override',
  'ambiguous',
  'overlapping-entries',
  'header-mismatch',
  'name-mismatch',
  'size-mismatch',
  'zip64',
  'encrypted',
  'unsupported-method',
] as const;
export type ArchiveRefusal = (typeof ARCHIVE_REFUSALS)[number];

/** The name in it comes from the archive: it is cut, and quoted so that it cannot break a log line. */
export class ArchiveRefusedError extends Error {
  override readonly name = 'ArchiveRefusedError';
  readonly entry?: string;

  constructor(
    readonly reason: ArchiveRefusal,
    entry?: string,
    options?: ErrorOptions,
  ) {
    const shown = entry === undefined ? undefined : JSON.stringify(entry.slice(0, 200));
    super(`The archive was refused: ${reason}${shown === undefined ? '' : ` (${shown})`}`, options);
    if (entry !== undefined) this.entry = entry.slice(0, 200);
  }
}

/** What each means to whoever packed it. */
const meaning = {
  'unknown-format': 'it is neither a tgz nor a zip',
  malformed: 'a header in it makes no sense',
  truncated: 'it ends too early',
  corrupt: 'its packed data is damaged',
  'bad-checksum': 'its data does not fit its own checksum',
  'trailing-data': 'something follows after its end',
  'hidden-data': 'it has data that no entry shows',
  empty: 'there is no file in it',
  'too-many-entries': 'it has too many entries',
  'too-large': 'it unpacks to too much',
  'entry-too-large': 'a file in it is too large',
  'ratio-too-high': 'it unpacks to far more than it is packed',
  'manifest-too-large': 'its package.json or switchyard.json is too large',
  'path-too-long': 'a path in it is too long',
  'too-deep': 'a path in it is too deep',
  'bad-name': 'an entry has a name that no file can have everywhere',
  'absolute-path': 'paths must be relative',
  'path-traversal': 'paths must not lead out of the archive',
  backslash: 'paths must not have backslashes',
  'drive-letter': 'paths must not begin with a drive',
  'control-character': 'names must not have control characters',
  'device-name': 'names must not be those of devices',
  'duplicate-entry': 'a path occurs twice',
  'name-collision': 'two paths are the same where case does not matter',
  'file-and-folder': 'a path is a file and a folder',
  symlink: 'links are not allowed',
  hardlink: 'links are not allowed',
  device: 'devices are not allowed',
  fifo: 'pipes are not allowed',
  socket: 'sockets are not allowed',
  sparse: 'sparse files are not allowed',
  'unsupported-type': 'only files and folders are allowed',
  setuid: 'setuid and setgid files are not allowed',
  'pax-override': 'its extended headers change what an entry is',
  ambiguous: 'two readers would see different archives',
  'overlapping-entries': 'entries overlap',
  'header-mismatch': 'the headers of an entry contradict each other',
  'name-mismatch': 'the names of an entry contradict each other',
  'size-mismatch': 'an entry is not as large as it says',
  zip64: 'zip64 is not read',
  encrypted: 'encrypted entries are not read',
  'unsupported-method': 'it is packed by a method other than stored or deflated',
} as const;

export type ArchiveRefusal = keyof typeof meaning;
export const ARCHIVE_REFUSALS = Object.keys(meaning) as readonly ArchiveRefusal[];

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
    super(`The archive is refused: ${meaning[reason]}${shown === undefined ? '' : ` (${shown})`}`, options);
    if (entry !== undefined) this.entry = entry.slice(0, 200);
  }
}

import type { ArchiveLimits } from '../../archives/archive-limits.js';
import type { ArchiveRefusal } from '../../archives/archive-refused-error.js';

/** What is wrong, the reason to be given, and the bytes. */
export type HostileArchive = readonly [what: string, reason: ArchiveRefusal, bytes: Buffer];

export const limits: ArchiveLimits = {
  maxEntries: 200,
  maxUnpackedBytes: 24 * 1024 * 1024,
  maxEntryBytes: 12 * 1024 * 1024,
  maxRatio: 200,
  maxPathBytes: 300,
  maxDepth: 16,
  maxManifestBytes: 4096,
};

/** Names that no format may bring. */
export const hostileNames: readonly (readonly [what: string, reason: ArchiveRefusal, name: string])[] = [
  ['an absolute path', 'absolute-path', '/etc/cron.d/x'],
  ['a way up', 'path-traversal', '../x'],
  ['a way up in the middle', 'path-traversal', 'a/../../x'],
  ['a way up at the end', 'path-traversal', 'a/..'],
  ['a backslash', 'backslash', '..\\..\\x'],
  ['a backslash inside', 'backslash', 'a\\b'],
  ['a drive', 'drive-letter', 'C:/Windows/x'],
  ['a drive without a root', 'drive-letter', 'c:x'],
  ['a control character', 'control-character', 'a\u0001b'],
  ['a line break', 'control-character', 'a\nb'],
  ['an escape sequence', 'control-character', 'a\u001b[2Jb'],
  ['a turned direction of writing', 'control-character', 'a\u202egpj.exe'],
  ['a Windows device', 'device-name', 'a/NUL'],
  ['a Windows device with an extension', 'device-name', 'aux.js'],
  ['a Windows device by number', 'device-name', 'com1.txt/x'],
  ['a stream of a file', 'bad-name', 'a.txt:hidden'],
  ['a dot at the end', 'bad-name', 'a./b'],
  ['a space at the end', 'bad-name', 'a /b'],
  ['an empty segment', 'bad-name', 'a//b'],
  ['a dot as a segment', 'bad-name', 'a/./b'],
  ['two leading dots', 'bad-name', '././a'],
  ['too deep a path', 'too-deep', 'd/'.repeat(16) + 'x'],
];

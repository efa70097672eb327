import type { ArchiveLimits } from './archive-limits.js';
import { ArchiveRefusedError, type ArchiveRefusal } from './archive-refused-error.js';

/** Control characters, and those that make a name look like another one on a screen. */
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
/** What Windows takes for a device in whatever folder and with whatever extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?: *\..*)?$/i;
const MAX_SEGMENT_BYTES = 255;

/**
 * The name as a path from the archive's top, without a leading `./` and, for a folder, without the slash at its end;
 * `''` for the top itself. Refused is what any system could take for a place outside, or for another file.
 */
export function checkEntryName(name: string, limits: ArchiveLimits): string {
  const refuse = (reason: ArchiveRefusal): never => {
    throw new ArchiveRefusedError(reason, name);
  };
  if (CONTROL.test(name)) refuse('control-character');
  if (name.includes('\\')) refuse('backslash');
  if (name.startsWith('/')) refuse('absolute-path');
  if (/^[a-z]:/i.test(name)) refuse('drive-letter');
  if (Buffer.byteLength(name) > limits.maxPathBytes) refuse('path-too-long');
  const path = name.replace(/^\.\//, '').replace(/\/$/, '');
  if (name === '') refuse('bad-name');
  if (path === '' || path === '.') return '';
  const segments = path.split('/');
  if (segments.includes('..')) refuse('path-traversal');
  if (segments.length > limits.maxDepth) refuse('too-deep');
  for (const segment of segments) {
    if (DEVICE.test(segment)) refuse('device-name');
    // Windows drops dots and spaces at the end, and takes what follows a colon for a stream of the file.
    if (segment === '' || /[. ]$|:/.test(segment)) refuse('bad-name');
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) refuse('path-too-long');
  }
  return path;
}

/** Bytes that are no UTF-8 would be another name for each who decodes them. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ArchiveRefusedError('bad-name', Buffer.from(bytes).toString('latin1'));
  }
}

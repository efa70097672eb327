import { open, type FileHandle } from 'node:fs/promises';
import type { ArchiveLimits } from './archive-limits.js';
import { ArchiveRefusedError } from './archive-refused-error.js';
import { EntryLedger } from './entry-ledger.js';
import { ManifestCollector } from './manifest-collector.js';
import { readTgz } from './tgz/read-tgz.js';
import { readZip } from './zip/read-zip.js';

export interface InspectedArchive {
  readonly format: 'tgz' | 'zip';
  readonly entries: number;
  /** Of all files together. */
  readonly unpackedBytes: number;
  /** `package/` of an npm package, or the one folder that everything lies in; otherwise `''`. */
  readonly root: string;
  /** `switchyard.json` and `package.json` of the root, when they are there. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * Reads a whole archive, of which nothing may be believed, in constant memory and without writing anything. What it
 * accepts means the same to everybody who unpacks it, and stays inside the folder it is unpacked to.
 */
export async function inspectArchive(path: string, limits: ArchiveLimits): Promise<InspectedArchive> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const format = await formatOf(file);
    const ledger = new EntryLedger(limits, size);
    const manifests = new ManifestCollector(limits);
    if (format === 'tgz') await readTgz({ file, size }, { limits, ledger, manifests });
    else await readZip({ file, size, path }, { limits, ledger, manifests });
    if (ledger.files === 0) throw new ArchiveRefusedError('empty');
    const { entries, unpackedBytes } = ledger;
    return { format, entries, unpackedBytes, ...manifests.finish(ledger.onlyFolder) };
  } finally {
    await file.close();
  }
}

/** Names and content types are only what somebody says. */
async function formatOf(file: FileHandle): Promise<'tgz' | 'zip'> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const magic = buffer.subarray(0, bytesRead).toString('latin1');
  if (magic.startsWith('\x1f\x8b')) return 'tgz';
  if (magic === 'PK\x03\x04' || magic === 'PK\x05\x06') return 'zip';
  throw new ArchiveRefusedError('unknown-format');
}

import type { ArchiveLimits } from '@switchyard/artifacts';

/** More than any honest plugin needs; beyond, unpacking it would be the attack. */
export const archiveLimits: ArchiveLimits = {
  maxEntries: 100_000,
  maxUnpackedBytes: 4 * 1024 ** 3,
  maxEntryBytes: 1024 ** 3,
  maxRatio: 200,
  maxPathBytes: 1024,
  maxDepth: 64,
  maxManifestBytes: 256 * 1024,
};

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Of all files together, and of a tar stream with its headers and padding. */
  readonly maxUnpackedBytes: number;
  readonly maxEntryBytes: number;
  /** Unpacked to packed, of the whole and of each entry; what unpacks to less than 1 MB is not asked for it. */
  readonly maxRatio: number;
  readonly maxPathBytes: number;
  /** Segments of a path. */
  readonly maxDepth: number;
  readonly maxManifestBytes: number;
}

/** Padding and short texts pack very well; a bomb is one only when it unpacks to something. */
const RATIO_MATTERS_FROM = 1024 * 1024;

export const ratioIsTooHigh = (unpacked: number, packed: number, { maxRatio }: ArchiveLimits): boolean =>
  unpacked > RATIO_MATTERS_FROM && unpacked > packed * maxRatio;

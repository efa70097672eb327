/** Fixed: stored rows depend on it. */
export const partitions = 16;

/** FNV-1a: the same in every process, and even enough. */
export function partitionOf(setId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(setId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
}

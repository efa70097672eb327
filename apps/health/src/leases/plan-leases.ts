export interface LeasePlan {
  take: number[];
  release: number[];
}

/** Each worker holds its fair share: it takes what is free up to that, and gives back what is above. */
export function planLeases(
  mine: readonly number[],
  free: readonly number[],
  workers: number,
  partitions: number,
): LeasePlan {
  const share = Math.ceil(partitions / Math.max(1, workers));
  return { take: free.slice(0, Math.max(0, share - mine.length)), release: mine.slice(share) };
}

/**
 * Upper bounds in milliseconds, inclusive: 20 steps from 1 ms to 60 s, each 1.785 times the one before. Gateways count with
 * these; a change of them makes stored histograms unreadable.
 */
export const LATENCY_BUCKETS: readonly number[] = [
  1, 1.8, 3.2, 5.7, 10, 18, 32, 58, 103, 184, 328, 585, 1_040, 1_860, 3_330, 5_940, 10_600, 18_900, 33_700,
  60_000,
];

/** Where a latency is counted. */
export function latencyBucketOf(milliseconds: number): number {
  let low = 0;
  let high = LATENCY_BUCKETS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (milliseconds <= (LATENCY_BUCKETS[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

import { LATENCY_BUCKETS } from './latency-buckets.js';
import type { LatencyHistogram } from './samples.js';

export const countOf = ({ counts }: LatencyHistogram): number =>
  counts.reduce((sum, count) => sum + count, 0);

/** Those that certainly took longer: of the bucket that `milliseconds` lies in, none. */
export function slowerThan({ counts }: LatencyHistogram, milliseconds: number): number {
  return counts.reduce((sum, count, at) => (lowerBound(at) >= milliseconds ? sum + count : sum), 0);
}

/** Estimated by a straight line within the bucket; null without samples. */
export function quantileOf(histogram: LatencyHistogram, share: number): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  let before = 0;
  for (const [at, count] of histogram.counts.entries()) {
    if (count > 0 && before + count >= share * total) {
      const low = lowerBound(at);
      const high = LATENCY_BUCKETS[at] ?? low;
      return low + ((high - low) * Math.max(0, share * total - before)) / count;
    }
    before += count;
  }
  return null;
}

export function meanOf(histogram: LatencyHistogram): number | null {
  const total = countOf(histogram);
  return total === 0 ? null : histogram.sumMs / total;
}

/** Of one latency, as far as buckets tell. */
export function varianceOf(histogram: LatencyHistogram): number {
  const total = countOf(histogram);
  if (total < 2) return 0;
  const middles = histogram.counts.map((_, at) => {
    const low = lowerBound(at);
    return (low + (LATENCY_BUCKETS[at] ?? low)) / 2;
  });
  const mean = histogram.counts.reduce((sum, count, at) => sum + count * (middles[at] ?? 0), 0) / total;
  const squares = histogram.counts.reduce(
    (sum, count, at) => sum + count * ((middles[at] ?? 0) - mean) ** 2,
    0,
  );
  return squares / (total - 1);
}

export const lowerBound = (bucket: number): number => LATENCY_BUCKETS[bucket - 1] ?? 0;

import type { SlotSample } from '@switchyard/contracts';
import type { Samples } from '@switchyard/rollout';

const addCounts = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] ?? 0) + (b[at] ?? 0));

/** Counters with more counted in. */
export const addSamples = (
  to: Samples,
  { requests, errors, latency }: Pick<SlotSample, 'requests' | 'errors' | 'latency'>,
): Samples => ({
  requests: to.requests + requests,
  errors: to.errors + errors,
  latency: {
    counts: addCounts(to.latency.counts, latency.counts),
    sumMs: to.latency.sumMs + latency.sumMs,
  },
});

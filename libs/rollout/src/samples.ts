import { LATENCY_BUCKETS } from './latency-buckets.js';

/**
 * What the gateways counted of one instance set since it first got traffic. Counters that only grow: the engine keeps where
 * a stage began and looks at the difference, so that a flush which comes twice late or out of turn changes nothing.
 */
export interface Samples {
  readonly requests: number;
  /** Of these: 5xx, refused, reset or timed out. Not 4xx, not what the client broke off. */
  readonly errors: number;
  readonly latency: LatencyHistogram;
}

export interface LatencyHistogram {
  /** One more than `LATENCY_BUCKETS`: the last is what took longer than the highest bound. Streams and upgrades are in none. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

export const noSamples: Samples = {
  requests: 0,
  errors: 0,
  latency: { counts: Array<number>(LATENCY_BUCKETS.length + 1).fill(0), sumMs: 0 },
};

/** Counters that were lost start over: then what is there now is all there is. */
export function samplesSince(baseline: Samples, now: Samples): Samples {
  if (now.requests < baseline.requests || now.errors < baseline.errors) return now;
  return {
    requests: now.requests - baseline.requests,
    errors: now.errors - baseline.errors,
    latency: {
      counts: now.latency.counts.map((count, at) => Math.max(0, count - (baseline.latency.counts[at] ?? 0))),
      sumMs: Math.max(0, now.latency.sumMs - baseline.latency.sumMs),
    },
  };
}

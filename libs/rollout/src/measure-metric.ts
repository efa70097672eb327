import type { MetricCause } from './cause.js';
import { countOf, quantileOf } from './latency-histogram.js';
import type { Samples } from './samples.js';
import type { Limits } from './strategy-config.js';

/** One request in 20 may be slow: the response time is judged by its 95th percentile. */
export const SLOW_SHARE = 0.05;

export function errorRateOf(
  candidate: Samples,
  stable: Samples,
  limits: Limits,
  breached: MetricCause['breached'],
): MetricCause {
  return {
    kind: 'metric',
    metric: 'errorRate',
    value: share(candidate) ?? 0,
    samples: candidate.requests,
    threshold: limits.errorRate,
    stable: share(stable),
    breached,
  };
}

export function responseTimeOf(
  candidate: Samples,
  stable: Samples,
  limits: Limits,
  breached: MetricCause['breached'],
): MetricCause {
  return {
    kind: 'metric',
    metric: 'responseTime',
    value: quantileOf(candidate.latency, 1 - SLOW_SHARE) ?? 0,
    samples: countOf(candidate.latency),
    threshold: limits.responseTimeMs,
    stable: quantileOf(stable.latency, 1 - SLOW_SHARE),
    breached,
  };
}

const share = ({ errors, requests }: Samples): number | null => (requests === 0 ? null : errors / requests);

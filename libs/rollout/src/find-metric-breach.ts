import type { MetricCause } from './cause.js';
import { evidenceAbove, logMean } from './evidence-above.js';
import { evidenceWorse, type Tolerance } from './evidence-worse.js';
import { LATENCY_BUCKETS } from './latency-buckets.js';
import { slowerThan } from './latency-histogram.js';
import { errorRateOf, responseTimeOf, SLOW_SHARE } from './measure-metric.js';
import type { Samples } from './samples.js';
import type { Limits } from './strategy-config.js';

/** A candidate may have half as many errors again as stable, and a fifth of the threshold more. */
const errorTolerance = (limits: Limits): Tolerance => ({ ratio: 1.5, surplus: limits.errorRate / 5 });

/** A candidate may be slower than stable by one bucket (a factor of 1.8) for all requests, and by any factor for one in 20. */
const LATENCY_TOLERANCE: Tolerance = { ratio: 1, surplus: SLOW_SHARE };

/** Nobody minds a response that took less. */
const NOTICEABLE_MS = 50;

/** The first limit that the candidate broke with more evidence than chance would give; `needed` is a logarithm. */
export function findMetricBreach(
  candidate: Samples,
  stable: Samples,
  limits: Limits,
  needed: number,
): MetricCause | null {
  const errors = { bad: candidate.errors, requests: candidate.requests };
  if (evidenceAbove(errors.bad, errors.requests, limits.errorRate) >= needed)
    return errorRateOf(candidate, stable, limits, 'threshold');
  const stableErrors = { bad: stable.errors, requests: stable.requests };
  if (evidenceWorse(errors, stableErrors, errorTolerance(limits)) >= needed)
    return errorRateOf(candidate, stable, limits, 'stable');
  if (evidenceOfSlowness(candidate, limits) >= needed)
    return responseTimeOf(candidate, stable, limits, 'threshold');
  if (evidenceSlowerThanStable(candidate, stable) >= needed)
    return responseTimeOf(candidate, stable, limits, 'stable');
  return null;
}

/** The 95th percentile is above the threshold: more than one request in 20 takes longer. */
function evidenceOfSlowness({ latency }: Samples, { responseTimeMs }: Limits): number {
  if (responseTimeMs === null) return -Infinity;
  const total = latency.counts.reduce((sum, count) => sum + count, 0);
  return evidenceAbove(slowerThan(latency, responseTimeMs), total, SLOW_SHARE);
}

/** The mean of what speaks at each bound: a mean of supermartingales is one, too, so looking at every bound is paid for. */
function evidenceSlowerThanStable(candidate: Samples, stable: Samples): number {
  const candidateAbove = countsAbove(candidate);
  const stableAbove = countsAbove(stable);
  const requests = candidateAbove[0] ?? 0;
  const stableRequests = stableAbove[0] ?? 0;
  if (requests === 0 || stableRequests === 0) return -Infinity;
  const logs: number[] = [];
  for (let at = 1; at < LATENCY_BUCKETS.length; at += 1) {
    if ((LATENCY_BUCKETS[at] ?? 0) < NOTICEABLE_MS) continue;
    const slow = { bad: candidateAbove[at + 1] ?? 0, requests };
    const stableSlow = { bad: stableAbove[at] ?? 0, requests: stableRequests };
    logs.push(evidenceWorse(slow, stableSlow, LATENCY_TOLERANCE));
  }
  return logMean(logs);
}

/** At each index, how many are in that bucket or a higher one. */
function countsAbove({ latency }: Samples): number[] {
  const above = [...latency.counts];
  for (let at = above.length - 2; at >= 0; at -= 1) above[at] = (above[at] ?? 0) + (above[at + 1] ?? 0);
  return above;
}

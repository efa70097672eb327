import { defaultLimits } from './default-limits.js';
import { evidenceAbove } from './evidence-above.js';
import { evidenceWorse } from './evidence-worse.js';
import { evidenceNeeded, MOST_FALSE_ALARMS } from './false-alarm-budget.js';
import { findMetricBreach } from './find-metric-breach.js';
import { LATENCY_BUCKETS, latencyBucketOf } from './latency-buckets.js';
import { logGamma } from './log-gamma.js';
import { noSamples, samplesSince, type Samples } from './samples.js';

function samples(requests: number, errors: number, milliseconds = 40): Samples {
  const counts = noSamples.latency.counts.map((_, at) =>
    at === latencyBucketOf(milliseconds) ? requests : 0,
  );
  return { requests, errors, latency: { counts, sumMs: requests * milliseconds } };
}
const needed = evidenceNeeded(1, 4);
const judge = (candidate: Samples, stable: Samples, responseTimeMs: number | null = null) => {
  const breach = findMetricBreach(candidate, stable, { ...defaultLimits, responseTimeMs }, needed);
  return breach === null ? null : `${breach.metric} ${breach.breached ?? ''}`;
};

describe('findMetricBreach', () => {
  it.each([
    [1, 3, null],
    [1, 1, null],
    [2, 20, null],
    [3, 3, null],
    [10, 10, 'errorRate threshold'],
    [100, 300, 'errorRate threshold'],
    [15, 300, null],
    [100, 1_240, 'errorRate threshold'],
  ])(
    '%i errors among %i requests, threshold 5 %%, nothing to compare with: %s',
    (errors, requests, expected) => {
      expect(judge(samples(requests, errors), noSamples)).toBe(expected);
    },
  );

  it.each([
    [45, 1_000, 30, 10_000, 'errorRate stable'],
    [10, 1_000, 30, 10_000, null],
    [3, 1_000, 30, 10_000, null],
    [4, 100, 0, 100, null],
    [40, 1_000, 400, 10_000, null],
  ])(
    '%i errors among %i requests, stable %i among %i: %s',
    (errors, requests, stableErrors, stableRequests, expected) => {
      expect(judge(samples(requests, errors), samples(stableRequests, stableErrors))).toBe(expected);
    },
  );

  it('judges response times by the 95th percentile and against stable, and not below what anybody notices', () => {
    expect(judge(samples(200, 0, 700), samples(2_000, 0, 700), 500)).toBe('responseTime threshold');
    expect(judge(samples(200, 0, 700), samples(2_000, 0, 700), 1_000)).toBeNull();
    expect(judge(samples(200, 0, 700), samples(2_000, 0, 150))).toBe('responseTime stable');
    expect(judge(samples(200, 0, 200), samples(2_000, 0, 150))).toBeNull();
    expect(judge(samples(200, 0, 20), samples(2_000, 0, 2))).toBeNull();
  });
});

describe('the evidence', () => {
  it('is never above one in the mean, exactly where the candidate is as bad as allowed', () => {
    for (const [requests, limit] of [
      [20, 0.05],
      [60, 0.3],
      [120, 0.01],
    ] as const) {
      const mean = counts(requests).reduce(
        (sum, bad) => sum + Math.exp(logBinomial(bad, requests, limit) + evidenceAbove(bad, requests, limit)),
        0,
      );
      expect(mean).toBeLessThanOrEqual(1 + 1e-9);
      expect(mean).toBeGreaterThan(0.99);
    }
  });

  it('against stable is never above one in the mean, whatever tolerated rates are true', () => {
    const tolerance = { ratio: 1.5, surplus: 0.01 };
    for (const rate of [0.001, 0.01, 0.1, 0.4]) {
      const worst = tolerance.ratio * rate + tolerance.surplus;
      let mean = 0;
      for (const bad of counts(40))
        for (const stableBad of counts(60))
          mean += Math.exp(
            logBinomial(bad, 40, worst) +
              logBinomial(stableBad, 60, rate) +
              evidenceWorse({ bad, requests: 40 }, { bad: stableBad, requests: 60 }, tolerance),
          );
      expect(mean).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it('that is needed leaves all rounds together no more false alarms than a rollout may have', () => {
    const perTest = (round: number) => Math.exp(-evidenceNeeded(round, 4));
    const all = Array.from({ length: 100_000 }, (_, at) => 4 * perTest(at + 1)).reduce(
      (sum, each) => sum + each,
      0,
    );
    expect(all).toBeLessThanOrEqual(MOST_FALSE_ALARMS);
    expect(all).toBeGreaterThan(0.999 * MOST_FALSE_ALARMS);
    expect(perTest(5)).toBeLessThan(perTest(4));
  });
});

describe('samplesSince', () => {
  it('is the difference, and all there is after counters were lost', () => {
    expect(samplesSince(samples(100, 3), samples(250, 5))).toEqual(samples(150, 2));
    expect(samplesSince(samples(100, 3), samples(20, 1))).toEqual(samples(20, 1));
  });
});

describe('latencyBucketOf', () => {
  it('has 20 bounds, each in the bucket that it ends', () => {
    expect(LATENCY_BUCKETS).toHaveLength(20);
    expect(LATENCY_BUCKETS.map(latencyBucketOf)).toEqual(LATENCY_BUCKETS.map((_, at) => at));
    expect([0, 1.1, 60_001].map(latencyBucketOf)).toEqual([0, 1, 20]);
    const steps = LATENCY_BUCKETS.slice(1).map((bound, at) => bound / (LATENCY_BUCKETS[at] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(1.7);
    expect(Math.max(...steps)).toBeLessThan(1.85);
  });
});

const counts = (requests: number) => Array.from({ length: requests + 1 }, (_, bad) => bad);

function logBinomial(count: number, of: number, rate: number): number {
  const ways = logGamma(of + 1) - logGamma(count + 1) - logGamma(of - count + 1);
  return ways + count * Math.log(rate) + (of - count) * Math.log1p(-rate);
}

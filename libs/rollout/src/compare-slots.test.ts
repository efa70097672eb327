import { compareSlots } from './compare-slots.js';
import { parseStrategyConfig } from './parse-strategy-config.js';
import { seededRandom } from './simulation/seeded-random.js';
import { randomTraffic } from './simulation/random-traffic.js';
import { noSamples, type Samples } from './samples.js';
import type { ABTestConfig } from './strategy-config.js';

function test(values: Record<string, string> = {}): ABTestConfig {
  const parsed = parseStrategyConfig('ABTest', values);
  if (!parsed.ok || parsed.config.strategy !== 'ABTest') throw new Error(JSON.stringify(parsed));
  return parsed.config;
}

const random = seededRandom(7);
const served = (requests: number, errorRate: number, medianMs: number): Samples => ({
  requests,
  ...randomTraffic({ errorRate, medianMs, spread: 0.6 }, random)(requests),
});

describe('compareSlots', () => {
  it('tells the effect and its interval for each metric that is tracked', () => {
    const { metrics } = compareSlots(
      { ...noSamples, requests: 1_000, errors: 30 },
      { ...noSamples, requests: 1_000, errors: 10 },
      test({ metricsToTrack: 'errorRate' }),
    );
    // Newcombe's interval for 30/1000 - 10/1000.
    expect(metrics).toEqual([
      {
        metric: 'errorRate',
        candidate: { value: 0.03, samples: 1_000 },
        stable: { value: 0.01, samples: 1_000 },
        effect: expect.closeTo(0.02, 6),
        interval: [expect.closeTo(0.0077, 3), expect.closeTo(0.0334, 3)],
      },
    ]);
  });

  it('has intervals that cover the true difference in about 95 of 100 tests', () => {
    let covered = 0;
    for (let each = 0; each < 400; each += 1) {
      const [metric] = compareSlots(
        served(400, 0.06, 60),
        served(600, 0.02, 60),
        test({ metricsToTrack: 'errorRate' }),
      ).metrics;
      const [low, high] = metric?.interval ?? [1, 1];
      if (low <= 0.04 && 0.04 <= high) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.92);
  });

  it('sees a slower 95th percentile', () => {
    const { metrics, winner } = compareSlots(
      served(2_000, 0.01, 120),
      served(2_000, 0.01, 60),
      test({ metricsToTrack: 'p95ResponseTime' }),
    );
    expect(metrics[0]?.interval?.[0]).toBeGreaterThan(50);
    expect(winner).toBe('stable');
  });

  it('lets the criteria decide, when there are any', () => {
    const config = test({ successCriteria: 'errorRate <= 0.03' });
    const stable = { ...noSamples, requests: 1_000, errors: 10 };
    expect(compareSlots({ ...noSamples, requests: 1_000, errors: 30 }, stable, config)).toMatchObject({
      winner: 'candidate',
      criteria: [{ metric: 'errorRate', operator: '<=', number: 0.03, value: 0.03, holds: true }],
    });
    expect(compareSlots({ ...noSamples, requests: 1_000, errors: 31 }, stable, config).winner).toBe('stable');
  });

  it('does not let a criterion hold of which nothing is known', () => {
    const config = test({ successCriteria: 'avgResponseTime < 100' });
    expect(compareSlots({ ...noSamples, requests: 10 }, noSamples, config)).toMatchObject({
      winner: 'stable',
      because: expect.stringContaining('avgResponseTime < 100 does not hold (no data)'),
    });
  });
});

import type { Cause } from './cause.js';
import { factsOf } from './cause-facts.js';
import { reasonSentence } from './reason-sentence.js';

const errors = {
  kind: 'metric',
  metric: 'errorRate',
  value: 0.0806,
  samples: 1_240,
  threshold: 0.05,
  stable: 0.003,
  breached: 'threshold',
} as const;

describe('reasonSentence', () => {
  it.each<[Cause, string]>([
    [errors, 'error rate 8.1 % of 1,240 requests, threshold 5 %, stable 0.3 %'],
    [
      { ...errors, value: 0.02, stable: 0.0003, breached: 'stable' },
      'error rate 2 % of 1,240 requests, worse than stable 0.03 %, threshold 5 %',
    ],
    [
      { ...errors, metric: 'responseTime', value: 812.4, threshold: 500, stable: null },
      '95th percentile of the response time 812 ms of 1,240 requests, threshold 500 ms',
    ],
    [
      { kind: 'failedChecks', failing: 1, instances: 1, checks: 3 },
      '1 of 1 instance failed 3 health checks in a row',
    ],
    [{ kind: 'crashes', crashed: 3, instances: 10, limit: 0.2 }, '3 of 10 instances crashed, more than 20 %'],
    [
      { kind: 'deadline', waitedFor: '2 of 3 instances ready', seconds: 600.4, limit: 600 },
      'no progress for 600 seconds, allowed 600: 2 of 3 instances ready',
    ],
    [{ kind: 'superseded', by: 'dep-2', actor: 'bob' }, 'replaced by dep-2 of bob'],
  ])('says %j', (cause, expected) => {
    expect(reasonSentence({ status: 'RolledBack', stage: 'stage 30 %', cause })).toBe(
      `Rolled back at stage 30 %: ${expected}`,
    );
  });
});

describe('factsOf', () => {
  it('names metric, threshold, value, samples and actor', () => {
    expect(factsOf(errors)).toEqual({
      metric: 'errorRate',
      threshold: 0.05,
      value: 0.0806,
      stableValue: 0.003,
      samples: 1_240,
      actor: 'switchyard',
    });
    expect(factsOf({ kind: 'person', action: 'aborted', actor: 'bob', comment: null }).actor).toBe('bob');
  });
});

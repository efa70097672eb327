import type { Comparison, CriterionResult, MeasuredMetric, MetricComparison } from './comparison.js';
import { effectOf, type Estimate } from './effect-of.js';
import { estimateErrorRate, estimateMean, estimateQuantile } from './estimate.js';
import type { Samples } from './samples.js';
import type { ABTestConfig, Criterion, TrackedMetric } from './strategy-config.js';
import { millisecondsText, percentText } from './wording.js';

/**
 * The candidate wins when every criterion holds for it. Without criteria it wins unless the interval of a tracked metric
 * shows that it is worse.
 */
export function compareSlots(candidate: Samples, stable: Samples, config: ABTestConfig): Comparison {
  const metrics = config.metricsToTrack.map((metric) => compareMetric(metric, candidate, stable));
  const criteria = config.successCriteria.map((criterion) => check(criterion, metrics));
  const worse = metrics.filter(({ interval }) => interval !== null && interval[0] > 0);
  const wins = criteria.length > 0 ? criteria.every(({ holds }) => holds) : worse.length === 0;
  return {
    winner: wins ? 'candidate' : 'stable',
    metrics,
    criteria,
    because: [wins ? 'the candidate wins' : 'stable stays', ...criteria.map(said), ...metrics.map(told)].join(
      '; ',
    ),
  };
}

const estimates: Readonly<Record<TrackedMetric, (samples: Samples) => Estimate>> = {
  errorRate: estimateErrorRate,
  avgResponseTime: estimateMean,
  p95ResponseTime: (samples) => estimateQuantile(samples, 0.95),
};

function compareMetric(metric: TrackedMetric, candidate: Samples, stable: Samples): MetricComparison {
  const one = estimates[metric](candidate);
  const other = estimates[metric](stable);
  const measured = ({ value, samples }: Estimate): MeasuredMetric => ({ value, samples });
  return { metric, candidate: measured(one), stable: measured(other), ...effectOf(one, other) };
}

function check(criterion: Criterion, metrics: readonly MetricComparison[]): CriterionResult {
  const value = metrics.find(({ metric }) => metric === criterion.metric)?.candidate.value ?? null;
  return {
    ...criterion,
    value,
    holds: value !== null && compared[criterion.operator](value, criterion.number),
  };
}

const compared: Readonly<Record<Criterion['operator'], (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

const said = ({ metric, operator, number, value, holds }: CriterionResult): string =>
  `${metric} ${operator} ${number} ${holds ? 'holds' : 'does not hold'} (${textOf(metric, value)})`;

function told({ metric, candidate, stable, effect, interval }: MetricComparison): string {
  const sides = `${metric} ${textOf(metric, candidate.value)} against ${textOf(metric, stable.value)}`;
  if (effect === null || interval === null) return sides;
  const [low, high] = interval;
  return `${sides}, difference ${textOf(metric, effect)} (95 % between ${textOf(metric, low)} and ${textOf(metric, high)})`;
}

function textOf(metric: TrackedMetric, value: number | null): string {
  if (value === null) return 'no data';
  return metric === 'errorRate' ? percentText(value) : millisecondsText(value);
}

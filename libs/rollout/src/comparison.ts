import type { Criterion, TrackedMetric } from './strategy-config.js';

/** What an A/B test found out. */
export interface Comparison {
  readonly winner: 'candidate' | 'stable';
  readonly metrics: readonly MetricComparison[];
  readonly criteria: readonly CriterionResult[];
  /** In the words of a person. */
  readonly because: string;
}

/** Candidate less stable, with an interval that covers the true difference in 95 of 100 tests. */
export interface MetricComparison {
  readonly metric: TrackedMetric;
  readonly candidate: MeasuredMetric;
  readonly stable: MeasuredMetric;
  /** null: one side has no samples. */
  readonly effect: number | null;
  readonly interval: readonly [low: number, high: number] | null;
}

export interface MeasuredMetric {
  readonly value: number | null;
  readonly samples: number;
}

export interface CriterionResult extends Criterion {
  readonly value: number | null;
  readonly holds: boolean;
}

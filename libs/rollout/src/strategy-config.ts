export const strategies = ['Direct', 'Canary', 'BlueGreen', 'Rolling', 'ABTest'] as const;

export type Strategy = (typeof strategies)[number];

/** What every strategy is held to. */
export interface Limits {
  /** A share, 0 to 1. */
  readonly errorRate: number;
  /** Of the 95th percentile; null: only compared with the stable slot. */
  readonly responseTimeMs: number | null;
  /** Fewer requests than these in a stage are no data. */
  readonly minSamples: number;
  /** In a row, of more than `crashedShare` of the instances. */
  readonly failedChecks: number;
  readonly crashedShare: number;
  readonly progressDeadlineMs: number;
}

interface Common {
  readonly autoRollback: boolean;
  readonly limits: Limits;
}

export interface DirectConfig extends Common {
  readonly strategy: 'Direct';
  readonly healthCheckTimeoutMs: number;
}

export interface CanaryConfig extends Common {
  readonly strategy: 'Canary';
  /** Percent, ascending. */
  readonly stages: readonly number[];
  readonly stageIntervalMs: number;
  readonly onNoData: OnNoData;
}

export type OnNoData = 'pass' | 'hold' | 'fail';

export interface BlueGreenConfig extends Common {
  readonly strategy: 'BlueGreen';
  /** How long the new set must stay healthy before the switch, and again after it. */
  readonly healthCheckDurationMs: number;
  readonly smokeTestEndpoints: readonly string[];
  readonly keepOldEnvironment: boolean;
}

export type BatchSize = { readonly count: number } | { readonly percent: number };

export interface RollingConfig extends Common {
  readonly strategy: 'Rolling';
  readonly batchSize: BatchSize;
  readonly batchIntervalMs: number;
  readonly healthCheckTimeoutMs: number;
}

export const trackedMetrics = ['errorRate', 'avgResponseTime', 'p95ResponseTime'] as const;

export type TrackedMetric = (typeof trackedMetrics)[number];

export const criterionOperators = ['<', '<=', '>', '>='] as const;

export interface Criterion {
  readonly metric: TrackedMetric;
  readonly operator: (typeof criterionOperators)[number];
  readonly number: number;
}

export interface ABTestConfig extends Common {
  readonly strategy: 'ABTest';
  readonly percentage: number;
  readonly testDurationMs: number;
  readonly metricsToTrack: readonly TrackedMetric[];
  /** All of them must hold for the candidate to win. */
  readonly successCriteria: readonly Criterion[];
  readonly routingStrategy: 'user-hash' | 'request';
}

export type StrategyConfig = DirectConfig | CanaryConfig | BlueGreenConfig | RollingConfig | ABTestConfig;

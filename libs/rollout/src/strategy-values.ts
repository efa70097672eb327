import type { BatchSize, Limits, StrategyConfig } from './strategy-config.js';

/** The configuration in the keys and words in which it is given, with every default filled in. */
export function strategyValues(config: StrategyConfig): Record<string, string> {
  return { autoRollback: String(config.autoRollback), ...ownValues(config) };
}

function ownValues(config: StrategyConfig): Record<string, string> {
  switch (config.strategy) {
    case 'Direct':
      return { healthCheckTimeout: seconds(config.healthCheckTimeoutMs) };
    case 'Canary':
      return {
        stages: config.stages.join(','),
        stageInterval: seconds(config.stageIntervalMs),
        onNoData: config.onNoData,
        ...limitValues(config.limits),
      };
    case 'BlueGreen':
      return {
        healthCheckDuration: seconds(config.healthCheckDurationMs),
        ...listed('smokeTestEndpoints', config.smokeTestEndpoints),
        keepOldEnvironment: String(config.keepOldEnvironment),
      };
    case 'Rolling':
      return {
        batchSize: batchText(config.batchSize),
        batchInterval: seconds(config.batchIntervalMs),
        healthCheckTimeout: seconds(config.healthCheckTimeoutMs),
      };
    case 'ABTest':
      return {
        percentage: String(config.percentage),
        testDuration: seconds(config.testDurationMs),
        ...listed('metricsToTrack', config.metricsToTrack),
        ...listed(
          'successCriteria',
          config.successCriteria.map(({ metric, operator, number }) => `${metric} ${operator} ${number}`),
        ),
        routingStrategy: config.routingStrategy,
      };
  }
}

const limitValues = ({ errorRate, responseTimeMs, minSamples }: Limits): Record<string, string> => ({
  errorRateThreshold: String(errorRate),
  ...(responseTimeMs === null ? {} : { responseTimeThreshold: String(responseTimeMs) }),
  minSamples: String(minSamples),
});

const listed = (key: string, values: readonly string[]): Record<string, string> =>
  values.length === 0 ? {} : { [key]: values.join(',') };

const batchText = (size: BatchSize): string => ('count' in size ? String(size.count) : `${size.percent}%`);

const seconds = (milliseconds: number): string => String(milliseconds / 1_000);

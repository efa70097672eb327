import { parseStrategyConfig } from './parse-strategy-config.js';
import { strategies, type Strategy } from './strategy-config.js';
import { strategyValues } from './strategy-values.js';

const parsed = (strategy: Strategy, values: Record<string, string>) => {
  const answer = parseStrategyConfig(strategy, values);
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return answer.config;
};

describe('strategyValues', () => {
  it.each(strategies)('fills in the defaults of %s in the words in which they are given', (strategy) => {
    const config = parsed(strategy, {});
    expect(parsed(strategy, strategyValues(config))).toEqual(config);
  });

  it.each<[Strategy, Record<string, string>]>([
    [
      'Canary',
      { canaryPercentage: '5', stageInterval: '0.5', responseTimeThreshold: '250', onNoData: 'fail' },
    ],
    ['BlueGreen', { smokeTestEndpoints: '/health, /v1/ping?deep=1', keepOldEnvironment: 'false' }],
    ['Rolling', { batchSize: '3', batchInterval: '0' }],
    ['ABTest', { successCriteria: 'errorRate<0.01, p95ResponseTime <= 200', routingStrategy: 'request' }],
  ])('says what %j was given', (strategy, values) => {
    const config = parsed(strategy, values);
    expect(parsed(strategy, strategyValues(config))).toEqual(config);
  });
});

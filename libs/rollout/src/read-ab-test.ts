import { decimalNumber, listOf, type ConfigReader } from './config-reader.js';
import {
  criterionOperators,
  trackedMetrics,
  type ABTestConfig,
  type Criterion,
  type Limits,
  type TrackedMetric,
} from './strategy-config.js';

export function readABTest(reader: ConfigReader, limits: Limits): ABTestConfig {
  const successCriteria = readCriteria(reader);
  return {
    strategy: 'ABTest',
    autoRollback: reader.boolean('autoRollback', true),
    limits,
    percentage: reader.whole('percentage', 50, 1, 99),
    testDurationMs: reader.duration('testDuration', 3_600, 1, 2_592_000),
    metricsToTrack: [...new Set([...readMetrics(reader), ...successCriteria.map(({ metric }) => metric)])],
    successCriteria,
    routingStrategy: reader.choice('routingStrategy', 'user-hash', ['user-hash', 'request']),
  };
}

function readMetrics(reader: ConfigReader): readonly TrackedMetric[] {
  const text = reader.text('metricsToTrack');
  if (text === undefined) return ['errorRate', 'avgResponseTime'];
  const metrics = listOf(text, 20)?.map(metricOf);
  if (metrics?.every((metric) => metric !== undefined) === true) return metrics;
  reader.problem('metricsToTrack', `must be a list of ${trackedMetrics.join(', ')}`, trackedMetrics);
  return [];
}

const CRITERION = /^([A-Za-z0-9]+)\s*(<=|>=|<|>)\s*(\S+)$/;

function readCriteria(reader: ConfigReader): readonly Criterion[] {
  const rule =
    'up to 20 of `metric operator number` with commas, for example errorRate < 0.01, avgResponseTime <= 200; ' +
    `metrics are ${trackedMetrics.join(', ')}, operators are ${criterionOperators.join(' ')}`;
  return reader.value<readonly Criterion[]>('successCriteria', [], rule, (text) => {
    const criteria = listOf(text, 20)?.map(criterionOf);
    return criteria?.every((criterion) => criterion !== undefined) === true ? criteria : undefined;
  });
}

function criterionOf(text: string): Criterion | undefined {
  const [, name = '', sign, digits = ''] = CRITERION.exec(text) ?? [];
  const metric = metricOf(name);
  const operator = criterionOperators.find((each) => each === sign);
  const number = decimalNumber(digits);
  return metric === undefined || operator === undefined || number === undefined
    ? undefined
    : { metric, operator, number };
}

const metricOf = (text: string): TrackedMetric | undefined => trackedMetrics.find((each) => each === text);

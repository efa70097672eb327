import { listOf, wholeNumber, type ConfigReader } from './config-reader.js';
import type { CanaryConfig, Limits } from './strategy-config.js';

const DEFAULT_STAGES = [10, 30, 50, 100];
const MOST_STAGES = 20;

export function readCanary(reader: ConfigReader, limits: Limits): CanaryConfig {
  const responseTimeMs = reader.decimal('responseTimeThreshold', limits.responseTimeMs ?? 0, 1, 60_000);
  return {
    strategy: 'Canary',
    autoRollback: reader.boolean('autoRollback', true),
    limits: {
      ...limits,
      errorRate: reader.decimal('errorRateThreshold', limits.errorRate, 0, 1),
      responseTimeMs: responseTimeMs === 0 ? null : responseTimeMs,
      minSamples: reader.whole('minSamples', limits.minSamples, 1, 1_000_000),
    },
    stages: readStages(reader),
    stageIntervalMs: reader.duration('stageInterval', 300, 0.1, 604_800),
    onNoData: reader.choice('onNoData', 'pass', ['pass', 'hold', 'fail']),
  };
}

/** `canaryPercentage` alone is the only stage before all of it; beside `stages` it must say the same. */
function readStages(reader: ConfigReader): readonly number[] {
  const rule = `up to ${MOST_STAGES} ascending whole percentages from 1 to 100 with commas, for example 10,30,50,100`;
  const stages = reader.value<readonly number[] | null>('stages', null, rule, ascending);
  const percentage = reader.whole('canaryPercentage', 0, 1, 100);
  if (percentage === 0) return stages ?? DEFAULT_STAGES;
  if (stages === null) return percentage === 100 ? [100] : [percentage, 100];
  const first = stages[0] ?? 0;
  if (percentage !== first) {
    const message = `contradicts stages, which begins with ${first}: leave one of them out`;
    reader.problem('canaryPercentage', message, [String(first)]);
  }
  return stages;
}

function ascending(text: string): number[] | undefined {
  const stages = listOf(text, MOST_STAGES)?.map(wholeNumber);
  const valid = stages?.every(
    (stage, at) => stage !== undefined && stage >= 1 && stage <= 100 && stage > (stages[at - 1] ?? 0),
  );
  return valid === true ? stages?.filter((stage) => stage !== undefined) : undefined;
}

import { ConfigReader, type ConfigProblem } from './config-reader.js';
import { defaultLimits } from './default-limits.js';
import { readABTest } from './read-ab-test.js';
import { readCanary } from './read-canary.js';
import { readBatchSize, readSmokeTestEndpoints } from './read-instances.js';
import type { Limits, Strategy, StrategyConfig } from './strategy-config.js';

export type ParsedStrategyConfig =
  | { readonly ok: true; readonly config: StrategyConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** What the deployment's health check and the installation say, where the strategy's own keys say nothing. */
export interface ParseContext {
  readonly limits?: Partial<Limits>;
}

const DAY = 86_400;

export function parseStrategyConfig(
  strategy: Strategy,
  values: Readonly<Record<string, string>>,
  context: ParseContext = {},
): ParsedStrategyConfig {
  const reader = new ConfigReader(values);
  const config = readers[strategy](reader, { ...defaultLimits, ...context.limits });
  reader.refuseOthers();
  return reader.problems.length === 0 ? { ok: true, config } : { ok: false, problems: reader.problems };
}

const readers: Readonly<Record<Strategy, (reader: ConfigReader, limits: Limits) => StrategyConfig>> = {
  Direct: (reader, limits) => ({
    strategy: 'Direct',
    autoRollback: reader.boolean('autoRollback', false),
    limits,
    healthCheckTimeoutMs: reader.duration('healthCheckTimeout', 120, 1, 3_600),
  }),
  Canary: readCanary,
  BlueGreen: (reader, limits) => ({
    strategy: 'BlueGreen',
    autoRollback: reader.boolean('autoRollback', true),
    limits,
    healthCheckDurationMs: reader.duration('healthCheckDuration', 30, 0, DAY),
    smokeTestEndpoints: readSmokeTestEndpoints(reader),
    keepOldEnvironment: reader.boolean('keepOldEnvironment', true),
  }),
  Rolling: (reader, limits) => ({
    strategy: 'Rolling',
    autoRollback: reader.boolean('autoRollback', true),
    limits,
    batchSize: readBatchSize(reader),
    batchIntervalMs: reader.duration('batchInterval', 30, 0, DAY),
    healthCheckTimeoutMs: reader.duration('healthCheckTimeout', 120, 1, 3_600),
  }),
  ABTest: readABTest,
};

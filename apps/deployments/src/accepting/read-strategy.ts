import type { HealthCheck } from '@switchyard/contracts';
import { AppError } from '@switchyard/errors';
import { parseStrategyConfig, type Limits, type Strategy, type StrategyConfig } from '@switchyard/rollout';

/** The strategy's configuration, or every problem it has. The health check's own thresholds stand where it says nothing. */
export function readStrategy(
  strategy: Strategy,
  values: Readonly<Record<string, string>>,
  healthCheck: HealthCheck | undefined,
): StrategyConfig {
  const parsed = parseStrategyConfig(strategy, values, { limits: limitsOf(healthCheck) });
  if (parsed.ok) return parsed.config;
  throw new AppError(
    'VALIDATION_ERROR',
    `strategyConfig has ${parsed.problems.length} invalid field(s) for ${strategy}: ${parsed.problems.map(({ field }) => field).join(', ')}`,
    { details: parsed.problems },
  );
}

function limitsOf(check: HealthCheck | undefined): Partial<Limits> {
  if (!check) return {};
  return {
    failedChecks: check.failureThreshold,
    ...(check.maxErrorRate === undefined ? {} : { errorRate: check.maxErrorRate }),
    ...(check.maxResponseTimeMs === undefined ? {} : { responseTimeMs: check.maxResponseTimeMs }),
  };
}

import { wholeNumber } from '@switchyard/config';
import { housekeepingOptions } from '@switchyard/service';
import { z } from 'zod';
import type { HealthOptions } from './health-options.js';

export const healthOptions = z.object({
  ...housekeepingOptions.shape,
  HEALTH_RETENTION_DAYS: wholeNumber(
    { min: 1, max: 3_650 },
    { description: 'How long the history of the health of deployments is kept' },
  ).prefault('30'),
  HEALTH_CONCURRENT_CHECKS: wholeNumber(
    { min: 1, max: 10_000 },
    { description: 'How many instances a process checks at once' },
  ).prefault('64'),
});

export type HealthConfig = z.output<typeof healthOptions>;

export const healthSettings = (config: HealthConfig, clock: () => number): HealthOptions => ({
  clock,
  housekeepingMs: config.HOUSEKEEPING_SECONDS * 1000,
  retentionMs: config.HEALTH_RETENTION_DAYS * 86_400_000,
  concurrentChecks: config.HEALTH_CONCURRENT_CHECKS,
});

import type { Limits } from './strategy-config.js';

export const defaultLimits: Limits = {
  errorRate: 0.05,
  responseTimeMs: null,
  minSamples: 20,
  failedChecks: 3,
  crashedShare: 0.2,
  progressDeadlineMs: 600_000,
};

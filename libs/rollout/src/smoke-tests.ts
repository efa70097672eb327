import type { Observed, SmokeTestResult } from './observed.js';
import type { Stage } from './stage-plan.js';

/** Endpoints without a result. */
export const pendingSmokeTests = ({ smokeTests }: Stage, observed: Observed): string[] =>
  smokeTests.filter(
    (endpoint) => observed.smokeTests?.some((result) => result.endpoint === endpoint) !== true,
  );

export const failedSmokeTest = ({ smokeTests }: Stage, observed: Observed): SmokeTestResult | undefined =>
  observed.smokeTests?.find(({ endpoint, passed }) => !passed && smokeTests.includes(endpoint));

import type { HealthStatus } from '@switchyard/contracts';

/** What the checks of an instance came to so far. */
export interface CheckState {
  failures: number;
  successes: number;
  verdict: HealthStatus;
  reason: string | null;
}

export interface CheckOutcome {
  passed: boolean;
  /** Why not; or what is worth saying though it passed. */
  reason: string | null;
}

export interface CheckThresholds {
  failureThreshold: number;
  successThreshold: number;
}

export const neverChecked: CheckState = { failures: 0, successes: 0, verdict: 'Unknown', reason: null };

/** Counters end where nothing depends on them any more, so that a check that says nothing new changes nothing. */
const most = 1_000;

/** A verdict changes when as many checks in a row say so; until then it stays. */
export function afterCheck(
  { failures, successes, verdict }: CheckState,
  { passed, reason }: CheckOutcome,
  { failureThreshold, successThreshold }: CheckThresholds,
): CheckState {
  if (passed) {
    const inRow = Math.min(successes + 1, successThreshold);
    return {
      failures: 0,
      successes: inRow,
      verdict: inRow >= successThreshold ? 'Healthy' : verdict,
      reason: inRow >= successThreshold ? null : reason,
    };
  }
  const inRow = Math.min(failures + 1, most);
  return {
    failures: inRow,
    successes: 0,
    verdict: inRow >= failureThreshold ? 'Unhealthy' : verdict,
    reason,
  };
}

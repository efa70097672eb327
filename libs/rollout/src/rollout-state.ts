import type { Cause } from './cause.js';
import type { Comparison } from './comparison.js';
import type { DeploymentStatus, TerminalStatus } from './deployment-status.js';
import type { Samples } from './samples.js';
import type { Slot } from './slot.js';

/**
 * Where a rollout is. In a stage: `scaling` until its instances are ready, `testing` (smoke tests), `routing` until every
 * gateway serves its weight, `observing` for its time. Then `promoting`, which nobody can stop any more. After the end:
 * `returning` (traffic back to stable) and `settling` (what is not needed any more stops).
 */
export type RolloutStep =
  | 'waiting'
  | 'scaling'
  | 'testing'
  | 'routing'
  | 'observing'
  | 'promoting'
  | 'returning'
  | 'settling'
  | 'settled';

/** One JSON value, stored by the reconciler. Times are milliseconds of the database's clock. */
export interface RolloutState {
  readonly status: DeploymentStatus;
  readonly step: RolloutStep;
  readonly approval: 'notNeeded' | 'awaited' | 'given';
  /** Index in the stage plan. */
  readonly stage: number;
  /** Somebody promoted the stage, or `all` from now on: it takes no time and is not judged at its end. */
  readonly skips: { readonly stages: number | 'all'; readonly cause: Cause } | null;
  /** What the stable set ran with at the start; 0: a first deployment. null before the start. */
  readonly stableInstances: number | null;
  /** The share in percent that the candidate is meant to get now. */
  readonly weight: number;
  readonly hadTraffic: boolean;
  /** What the API shows as `progress`, in percent. */
  readonly progress: number;
  /** Most instances of the candidate that were seen ready at once in this stage. */
  readonly readySeen: number;
  /** How often evidence began anew: every time costs a part of the false alarms that a rollout may have. */
  readonly round: number;
  readonly baseline: Baseline | null;
  /** Crashes that a person knew of when resuming, by instance; null: those of the next look are forgiven. */
  readonly forgivenCrashes: Readonly<Record<string, number>> | null;
  readonly startedAt: number | null;
  readonly stepSince: number;
  readonly progressAt: number;
  readonly pausedAt: number | null;
  /** Why it is Paused. */
  readonly hold: Hold | null;
  /** After the end: whose instances are not needed any more. */
  readonly leaving: Slot | null;
  /** How the last stage that is over was passed. */
  readonly passed: Cause | null;
  readonly comparison: Comparison | null;
  readonly ending: Ending | null;
  readonly historyLength: number;
}

export interface Baseline {
  readonly candidate: Samples;
  readonly stable: Samples;
}

export interface Hold {
  readonly cause: Cause;
  readonly text: string;
}

export interface Ending {
  readonly status: TerminalStatus;
  readonly at: number;
  readonly stage: string | null;
  readonly cause: Cause;
  readonly reason: string;
  readonly supersededBy: string | null;
  readonly rollbackDeploymentId: string | null;
}

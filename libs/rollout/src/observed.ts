import type { Samples } from './samples.js';

/**
 * The world as the reconciler sees it: plain data. `candidate` and `stable` are meant from this deployment's side for as long
 * as it lives: `candidate` is the set of its own release, also after the promotion; `stable` is the set that was stable when
 * it started, also after it was replaced.
 */
export interface Observed {
  readonly candidate: ObservedSet;
  /** null: the installation ran nothing. */
  readonly stable: ObservedSet | null;
  readonly route: ObservedRoute;
  /** An earlier deployment of this installation that is still leaving. */
  readonly predecessor: string | null;
  /** Deployments of what this one cannot be without; left out: there are none. */
  readonly dependencies?: readonly ObservedDependency[];
  /** Of the last `smokeTest` action; null while there is no result. */
  readonly smokeTests: readonly SmokeTestResult[] | null;
}

export interface ObservedDependency {
  readonly deploymentId: string;
  readonly pluginId: string;
  readonly version: string;
  /** `ended`: as anything but Completed. */
  readonly state: 'moving' | 'completed' | 'ended';
  /** Why it ended; null before. */
  readonly reason: string | null;
}

export interface ObservedSet {
  /** How many the orchestrator was last told to run; 0 for a set that does not exist yet. */
  readonly desired: number;
  /** Those that were asked for and have not ended, not ready ones too, in any order. */
  readonly instances: readonly ObservedInstance[];
  /** `warm`: kept for an instant return. `gone`: drained, nothing of it is left. */
  readonly fate: 'live' | 'warm' | 'draining' | 'gone';
  readonly samples: Samples;
}

export interface ObservedInstance {
  readonly id: string;
  readonly ready: boolean;
  /** Since this deployment was accepted; a restart after a crash keeps the id. */
  readonly crashes: number;
  readonly consecutiveFailedChecks: number;
}

export interface ObservedRoute {
  /** The share in percent that this deployment's set gets by the policy as it is written. */
  readonly weight: number;
  /** Every live gateway serves that policy. */
  readonly confirmed: boolean;
  /** The stable pointer shows this deployment's set. */
  readonly promoted: boolean;
}

export interface SmokeTestResult {
  readonly endpoint: string;
  readonly passed: boolean;
  /** `503` or `no answer within 5 s`. */
  readonly answer: string;
}

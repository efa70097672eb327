import type { Cause } from './cause.js';
import type { Deployment } from './deployment.js';
import { evidenceNeeded } from './false-alarm-budget.js';
import { findMetricBreach } from './find-metric-breach.js';
import type { ObservedSet } from './observed.js';
import type { RolloutState } from './rollout-state.js';
import { noSamples, samplesSince, type Samples } from './samples.js';
import { stagesOf } from './stages-of.js';
import type { Limits } from './strategy-config.js';

export interface Traffic {
  readonly candidate: ObservedSet;
  readonly stable: { readonly samples: Samples } | null;
}

/**
 * What would take the deployment back now. Needs no more of what is observed than the candidate's set and stable's counters, so
 * that whoever has just counted can ask before the reconciler looks.
 */
export function findBreach(deployment: Deployment, { candidate, stable }: Traffic): Cause | null {
  const { state } = deployment;
  const { limits } = deployment.config;
  if (!isJudged(state)) return null;
  const ill = crashesOf(candidate, state, limits) ?? failedChecksOf(candidate, limits);
  if (ill !== null || state.baseline === null || !state.hadTraffic) return ill;
  const since = samplesSince(state.baseline.candidate, candidate.samples);
  const stableSince = stable === null ? noSamples : samplesSince(state.baseline.stable, stable.samples);
  return findMetricBreach(
    since,
    stableSince,
    limits,
    evidenceNeeded(state.round, stagesOf(deployment).length),
  );
}

/** Also while a person paused it: that stops clocks, not harm. What the engine itself paused waits for a person. */
const isJudged = ({ status, hold }: RolloutState): boolean =>
  status === 'InProgress' || (status === 'Paused' && hold?.cause.kind === 'person');

function crashesOf(
  set: ObservedSet,
  { forgivenCrashes }: RolloutState,
  { crashedShare }: Limits,
): Cause | null {
  const crashed = set.instances.filter(
    ({ id, crashes }) => forgivenCrashes !== null && crashes > (forgivenCrashes[id] ?? 0),
  ).length;
  const instances = Math.max(set.desired, set.instances.length);
  return crashed > crashedShare * instances
    ? { kind: 'crashes', crashed, instances, limit: crashedShare }
    : null;
}

/** A set has failed a check when more of its instances did than may crash: one of ten that hangs is not yet the version. */
function failedChecksOf(set: ObservedSet, { failedChecks, crashedShare }: Limits): Cause | null {
  const failing = set.instances.filter(
    ({ consecutiveFailedChecks }) => consecutiveFailedChecks >= failedChecks,
  ).length;
  const instances = Math.max(set.desired, set.instances.length);
  return failing > crashedShare * instances
    ? { kind: 'failedChecks', failing, instances, checks: failedChecks }
    : null;
}

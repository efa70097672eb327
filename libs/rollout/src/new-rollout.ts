import type { RolloutState } from './rollout-state.js';

/** The state of a deployment that was just accepted. */
export const newRollout = (
  now: number,
  { needsApproval }: { readonly needsApproval: boolean },
): RolloutState => ({
  status: 'Pending',
  step: 'waiting',
  approval: needsApproval ? 'awaited' : 'notNeeded',
  stage: 0,
  skips: null,
  stableInstances: null,
  weight: 0,
  hadTraffic: false,
  progress: 0,
  readySeen: 0,
  round: 0,
  baseline: null,
  forgivenCrashes: {},
  startedAt: null,
  stepSince: now,
  progressAt: now,
  pausedAt: null,
  hold: null,
  leaving: null,
  passed: null,
  comparison: null,
  ending: null,
  historyLength: 0,
});

import type { RolloutState } from './rollout-state.js';

/** What was measured so far goes on to count until the weight changes. */
export const enterStage = (state: RolloutState, stage: number, now: number): RolloutState => ({
  ...state,
  step: 'scaling',
  stage,
  skips: state.skips?.stages === 'all' ? state.skips : null,
  readySeen: 0,
  stepSince: now,
  progressAt: now,
});

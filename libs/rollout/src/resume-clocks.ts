import type { RolloutState } from './rollout-state.js';

/**
 * The time of the pause never was. After a pause that a person made, everything goes on; what the engine itself has stopped for a
 * reason begins the stage's evidence and time anew, or the same reason would stop it again.
 */
export function resumeClocks(state: RolloutState, now: number): RolloutState {
  if (state.pausedAt === null) return state;
  const paused = Math.max(0, now - state.pausedAt);
  const moved = {
    ...state,
    pausedAt: null,
    hold: null,
    stepSince: state.stepSince + paused,
    progressAt: state.progressAt + paused,
  };
  if (state.hold?.cause.kind === 'person') return moved;
  const again = state.step === 'observing' || state.step === 'promoting' ? 'routing' : state.step;
  return { ...moved, step: again, stepSince: now, progressAt: now, baseline: null, forgivenCrashes: null };
}

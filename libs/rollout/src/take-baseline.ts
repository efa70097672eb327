import type { Observed } from './observed.js';
import type { RolloutState } from './rollout-state.js';
import { noSamples } from './samples.js';

/** Evidence begins anew. */
export const takeBaseline = (state: RolloutState, { candidate, stable }: Observed): RolloutState => ({
  ...state,
  baseline: { candidate: candidate.samples, stable: stable?.samples ?? noSamples },
  round: state.round + 1,
});

/** A person has seen these crashes and went on. */
export const forgiveCrashes = (state: RolloutState, { candidate }: Observed): RolloutState => ({
  ...state,
  forgivenCrashes: Object.fromEntries(candidate.instances.map(({ id, crashes }) => [id, crashes])),
});

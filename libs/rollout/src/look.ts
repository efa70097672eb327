import type { Deployment } from './deployment.js';
import { readyInstances } from './ready-instances.js';
import type { Observed } from './observed.js';
import type { RolloutState } from './rollout-state.js';
import type { Stage } from './stage-plan.js';
import { stagesOf } from './stages-of.js';

/** Everything that a decision may depend on. */
export interface Look {
  readonly deployment: Deployment;
  readonly state: RolloutState;
  readonly observed: Observed;
  readonly now: number;
  readonly stages: readonly Stage[];
  /** Of the candidate. */
  readonly ready: number;
}

export function lookAt(deployment: Deployment, observed: Observed, now: number): Look {
  return {
    deployment,
    state: deployment.state,
    observed,
    now,
    stages: stagesOf(deployment),
    ready: readyInstances(observed.candidate),
  };
}

export function currentStage({ stages, state }: Look): Stage {
  const stage = stages[state.stage];
  if (stage === undefined) throw new Error(`stage ${state.stage} is not one of ${stages.length}`);
  return stage;
}

export const isSkipped = ({ skips, stage }: RolloutState): boolean =>
  skips !== null && (skips.stages === 'all' || skips.stages === stage);

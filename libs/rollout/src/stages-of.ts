import type { Deployment } from './deployment.js';
import { stagePlan, type Stage } from './stage-plan.js';

type Planned = Pick<Deployment, 'config' | 'totalInstances' | 'state'>;

/** Empty before the start: what is stable then decides. */
export function stagesOf({ config, totalInstances, state }: Planned): readonly Stage[] {
  return state.stableInstances === null
    ? []
    : stagePlan(config, { total: totalInstances, stable: state.stableInstances });
}

/** null before the start. */
export const stageNameOf = (deployment: Planned): string | null =>
  stagesOf(deployment)[deployment.state.stage]?.name ?? null;

import type { Deployment } from './deployment.js';
import { isSkipped } from './look.js';
import { stagesOf } from './stages-of.js';

/** If every stage passes without delay. null: it is over, or somebody else decides when it goes on. */
export function estimatedCompletionAt(deployment: Deployment, now: number): number | null {
  const { state } = deployment;
  if (state.status !== 'InProgress') return null;
  if (state.skips?.stages === 'all') return now;
  const left = stagesOf(deployment)
    .slice(state.stage)
    .map(({ holdMs }, at) => {
      if (at > 0) return holdMs;
      if (isSkipped(state) || state.step === 'promoting') return 0;
      return state.step === 'observing' ? Math.max(0, state.stepSince + holdMs - now) : holdMs;
    });
  return now + left.reduce((sum, each) => sum + each, 0);
}

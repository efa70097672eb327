import { recorded, type Change } from './change.js';
import { endRollout } from './end-rollout.js';
import { enterStage } from './enter-stage.js';
import type { Look } from './look.js';
import { missingDependencies } from './missing-dependencies.js';
import type { ObservedDependency } from './observed.js';
import { causeText } from './reason-sentence.js';
import type { RolloutState } from './rollout-state.js';
import { transition } from './transitions.js';

/** Once approved, alone, and with all that it depends on: what is stable now is what the rollout returns to. */
export function startRollout({ deployment, state, observed, now }: Look): Change | null {
  const missing = missingDependencies(observed);
  const never = missing.find((each) => each.state === 'ended');
  if (never !== undefined) return failWithout(never, state, now);
  if (state.approval === 'awaited' || missing.length > 0 || observed.predecessor !== null) return null;
  const { stable } = observed;
  const started = {
    ...state,
    status: transition(state.status, 'start'),
    stableInstances: stable?.fate === 'live' ? stable.desired : 0,
    startedAt: now,
  };
  const entered = enterStage(started, 0, now);
  const cause = {
    kind: 'started',
    strategy: deployment.config.strategy,
    instances: deployment.totalInstances,
  } as const;
  return recorded(entered, now, {
    event: 'Started',
    stage: null,
    cause,
    text: `Started: ${causeText(cause)}`,
  });
}

function failWithout(dependency: ObservedDependency, state: RolloutState, now: number): Change {
  const { deploymentId, pluginId, version, reason } = dependency;
  const cause = { kind: 'dependency', deploymentId, pluginId, version, because: reason ?? 'ended' } as const;
  return endRollout(state, { trigger: 'fail', stage: null, cause, now });
}

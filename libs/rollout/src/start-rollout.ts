import { recorded, type Change } from './change.js';
import { enterStage } from './enter-stage.js';
import type { Look } from './look.js';
import { causeText } from './reason-sentence.js';
import { transition } from './transitions.js';

/** Once approved and alone: what is stable now is what the rollout returns to. */
export function startRollout({ deployment, state, observed, now }: Look): Change | null {
  if (state.approval === 'awaited' || observed.predecessor !== null) return null;
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

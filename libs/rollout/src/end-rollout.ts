import type { Cause } from './cause.js';
import { recorded, type Change } from './change.js';
import { isTerminal } from './deployment-status.js';
import { reasonSentence } from './reason-sentence.js';
import type { Ending, RolloutState } from './rollout-state.js';
import { transition, type Trigger } from './transitions.js';

export interface End {
  readonly trigger: Trigger;
  readonly stage: string | null;
  readonly cause: Cause;
  readonly now: number;
  readonly supersededBy?: string;
  readonly rollbackDeploymentId?: string | null;
}

/** The one way to a terminal status: there is none without a reason. What is left to be done in the world comes after it. */
export function endRollout(state: RolloutState, end: End): Change {
  const { trigger, stage, cause, now } = end;
  const status = transition(state.status, trigger);
  if (!isTerminal(status)) throw new Error(`${trigger} does not end a rollout`);
  const ending: Ending = {
    status,
    at: now,
    stage,
    cause,
    reason: reasonSentence({ status, stage, cause }),
    supersededBy: end.supersededBy ?? null,
    rollbackDeploymentId: end.rollbackDeploymentId ?? null,
  };
  const wasCompleted = state.status === 'Completed';
  const ended: RolloutState = {
    ...state,
    status,
    ending,
    hold: null,
    pausedAt: null,
    ...(wasCompleted ? {} : status === 'Completed' ? settle(now) : giveBack(now)),
  };
  return recorded(ended, now, { event: status, stage, cause, text: ending.reason });
}

const settle = (now: number) =>
  ({ step: 'settling', leaving: 'stable', stepSince: now, weight: 100, progress: 100 }) as const;

const giveBack = (now: number) =>
  ({ step: 'returning', leaving: 'candidate', stepSince: now, weight: 0 }) as const;

import type { Cause } from './cause.js';
import { recorded, type Change } from './change.js';
import { reasonSentence } from './reason-sentence.js';
import type { RolloutState } from './rollout-state.js';
import { transition } from './transitions.js';

export interface Holding {
  readonly trigger: 'pause' | 'hold';
  readonly stage: string | null;
  readonly cause: Cause;
  readonly now: number;
}

/** Stops every clock and deadline. One that a person has paused gets the new cause. */
export function holdRollout(state: RolloutState, { trigger, stage, cause, now }: Holding): Change {
  const status = state.status === 'Paused' ? 'Paused' : transition(state.status, trigger);
  const text = reasonSentence({ status: 'Paused', stage, cause });
  const held: RolloutState = { ...state, status, pausedAt: state.pausedAt ?? now, hold: { cause, text } };
  return recorded(held, now, { event: 'Paused', stage, cause, text });
}

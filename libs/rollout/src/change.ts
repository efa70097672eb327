import type { Cause } from './cause.js';
import { factsOf } from './cause-facts.js';
import type { HistoryEntry, HistoryEvent } from './history-entry.js';
import type { RolloutState } from './rollout-state.js';

/** A new state, and what the history says about how it came to be. */
export interface Change {
  readonly state: RolloutState;
  readonly history: readonly HistoryEntry[];
}

export interface Happening {
  readonly event: HistoryEvent;
  readonly stage: string | null;
  readonly cause: Cause;
  readonly text: string;
}

export const quietly = (state: RolloutState): Change => ({ state, history: [] });

export function recorded(state: RolloutState, at: number, ...happenings: readonly Happening[]): Change {
  return {
    state: { ...state, historyLength: state.historyLength + happenings.length },
    history: happenings.map(({ event, stage, cause, text }, index) => ({
      sequence: state.historyLength + index,
      at,
      event,
      stage,
      ...factsOf(cause),
      cause,
      text,
    })),
  };
}

import type { HistoryEntry } from './history-entry.js';
import type { RolloutState } from './rollout-state.js';
import type { Slot } from './slot.js';

/**
 * What to do. `state` (when `changed`) and `history` are stored in one transaction; a state that came to an end is that
 * deployment's end from this commit on. Then the actions are done. They follow from what is stored and what is observed:
 * whatever a crash leaves undone comes again at the next look, and what was done twice does no harm.
 */
export interface NextStep {
  readonly state: RolloutState;
  /** false: exactly what was stored, so nothing has to be written. */
  readonly changed: boolean;
  readonly history: readonly HistoryEntry[];
  readonly actions: readonly Action[];
  /** What has to happen before anything more does; null when settled. */
  readonly waitsFor: Wait | null;
  /** null: only an event can change anything. */
  readonly nextLookAt: number | null;
  /** Ended, and nothing is left to do: reservations can be released. */
  readonly settled: boolean;
}

export type Action =
  /** The set of the slot runs with so many instances. Those that are too many drain and stop, the ones that are not ready first. */
  | { readonly type: 'scale'; readonly slot: Slot; readonly instances: number }
  /**
   * Writes the policy, with the pointers as they were before a promotion: stable shows what was stable, candidate this
   * deployment's set. The weights sum to 100.
   */
  | { readonly type: 'route'; readonly weights: Readonly<Record<Slot, number>>; readonly sticky: boolean }
  | { readonly type: 'smokeTest'; readonly endpoints: readonly string[] }
  /** Lets the stable pointer show this deployment's set, which gets all traffic; in one write with the policy. */
  | { readonly type: 'promote' }
  /** The set that was stable stays up without traffic. */
  | { readonly type: 'keepWarm'; readonly slot: 'stable' }
  /** Every instance of the set ends once no gateway knows it and its requests have ended. */
  | { readonly type: 'drain'; readonly slot: Slot };

export const waits = [
  'approval',
  'predecessor',
  'dependencies',
  'instances',
  'smokeTests',
  'gateways',
  'time',
  'person',
  'promotion',
  'stableInstances',
  'oldInstances',
] as const;

export interface Wait {
  readonly for: (typeof waits)[number];
  /** `2 of 3 instances are ready`. */
  readonly text: string;
}

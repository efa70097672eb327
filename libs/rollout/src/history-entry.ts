import type { Cause } from './cause.js';
import type { TerminalStatus } from './deployment-status.js';

/** The ends are named as the statuses are. */
export type HistoryEvent =
  | 'Approved'
  | 'Started'
  | 'StageStarted'
  | 'StagePassed'
  | 'StageSkipped'
  | 'Paused'
  | 'Resumed'
  | 'Promoted'
  | TerminalStatus;

/** One line of a deployment's history. The same `sequence` written twice is the same entry: the later one stands. */
export interface HistoryEntry {
  readonly sequence: number;
  readonly at: number;
  readonly event: HistoryEvent;
  /** `stage 30 %`, `batch 2 of 4`; null before the first. */
  readonly stage: string | null;
  readonly metric: string | null;
  readonly threshold: number | null;
  readonly value: number | null;
  readonly stableValue: number | null;
  readonly samples: number | null;
  /** A person, or `switchyard`. */
  readonly actor: string;
  readonly cause: Cause;
  /** The whole of it in one sentence. */
  readonly text: string;
}

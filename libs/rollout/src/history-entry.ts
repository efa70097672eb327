import type { Cause } from './cause.js';

export const historyEvents = [
  'Approved',
  'Rejected',
  'Started',
  'StageStarted',
  'StagePassed',
  'StageSkipped',
  'Paused',
  'Resumed',
  'Promoted',
  'Completed',
  'Failed',
  'RolledBack',
] as const;

export type HistoryEvent = (typeof historyEvents)[number];

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

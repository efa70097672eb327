/** A change to the count of one budget; a batch has at most one for each key. */
export interface LimitChange {
  key: string;
  windowSeconds: number;
  limit: number;
  /** What is asked for, or, below zero, given back. */
  amount: number;
  /** The window that a gift goes back to, by its end; null for whichever is open. */
  window: number | null;
}

export interface LimitAnswer {
  /** The window that is open, by its end, in Unix seconds. */
  endsAt: number;
  /** At most what was asked for: as much of it as was left. */
  granted: number;
  /** Of the limit, granted to anybody in this window so far. */
  used: number;
}

export interface LimitAnswers {
  /** The store's clock when it answered, in milliseconds. */
  now: number;
  /** In the order of the changes. */
  answers: LimitAnswer[];
}

/** Counts what all gateways were granted; its clock says which window is open. */
export interface LimitStore {
  exchange(changes: readonly LimitChange[]): Promise<LimitAnswers>;
}

/** What the service is told at its start; a class because it is its own injection token. */
export abstract class HealthOptions {
  /** Epoch milliseconds. */
  abstract readonly clock: () => number;
  abstract readonly housekeepingMs: number;
  /** How long the history is kept. */
  abstract readonly retentionMs: number;
  /** Checks at once, in this process. */
  abstract readonly concurrentChecks: number;
}

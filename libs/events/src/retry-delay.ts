export interface RetryPolicy {
  /** How often a handler may fail on one event before it becomes a dead letter. */
  maxAttempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

export const defaultRetries: RetryPolicy = { maxAttempts: 6, firstDelayMs: 100, maxDelayMs: 10_000 };

/** Doubles from the first delay to the longest, and takes a random half of it so that replicas do not fail in step. */
export function retryDelay(
  policy: Pick<RetryPolicy, 'firstDelayMs' | 'maxDelayMs'>,
  attempt: number,
  random: number,
): number {
  const full = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return Math.round(full / 2 + (full / 2) * random);
}

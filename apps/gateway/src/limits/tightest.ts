import type { LimitDecision } from '../edge/request-limits.js';

/** The one that a client should know of: the refusal that lasts longest, else the budget with the least of it left. */
export function tightest(decisions: readonly LimitDecision[]): LimitDecision {
  return decisions.reduce((one, other) => (isTighter(other, one) ? other : one));
}

function isTighter(one: LimitDecision, other: LimitDecision): boolean {
  if (one.allowed !== other.allowed) return !one.allowed;
  if (!one.allowed) return one.resetAt > other.resetAt;
  return one.remaining * other.limit < other.remaining * one.limit;
}

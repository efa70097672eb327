import { toAppError } from '@switchyard/service';
import type { LimitBudget, LimitDecision, RequestLimits } from '../edge/request-limits.js';

export interface LimitsInOutageOptions {
  limits: RequestLimits;
  /** Gateways that share each limit, as last known. */
  gateways: () => number;
  clock: () => number;
}

const tryAgainMs = 2_000;
const mostKeys = 50_000;

/**
 * Limits that go on without the database: each gateway then counts by itself, to its part of the limit. One request at a
 * time finds out whether the database is back; the others do not wait for it.
 */
export class LimitsInOutage implements RequestLimits {
  private readonly counts = new Map<string, { window: number; taken: number }>();
  private outUntil = 0;
  private isTrying = false;

  constructor(private readonly options: LimitsInOutageOptions) {}

  takeAll(budgets: readonly LimitBudget[]): LimitDecision | Promise<LimitDecision> {
    if (this.outUntil > 0 && (this.isTrying || this.options.clock() < this.outUntil))
      return this.takeHere(budgets);
    const isTrial = this.outUntil > 0;
    if (isTrial) this.isTrying = true;
    const decision = this.options.limits.takeAll(budgets);
    if (!(decision instanceof Promise)) {
      if (isTrial) this.isTrying = false;
      return decision;
    }
    return decision.then(
      (taken) => {
        if (isTrial) this.isTrying = false;
        this.outUntil = 0;
        return taken;
      },
      (error: unknown) => {
        if (isTrial) this.isTrying = false;
        if (toAppError(error)?.code !== 'SERVICE_UNAVAILABLE') throw error;
        this.outUntil = this.options.clock() + tryAgainMs;
        return this.takeHere(budgets);
      },
    );
  }

  private takeHere(budgets: readonly LimitBudget[]): LimitDecision {
    const gateways = Math.max(1, this.options.gateways());
    const now = this.options.clock() / 1000;
    const shares = budgets.map(({ key, limit, windowSeconds }) => {
      const share = Math.floor(limit / gateways);
      const window = Math.floor(now / windowSeconds);
      const known = this.counts.get(key);
      const taken = known?.window === window ? known.taken : 0;
      return { key, limit, window, taken, remaining: share - taken, resetAt: (window + 1) * windowSeconds };
    });
    const tightest = shares.reduce((a, b) => (b.remaining < a.remaining ? b : a));
    const { limit, resetAt, remaining } = tightest;
    if (remaining <= 0) return { allowed: false, limit, remaining: 0, resetAt };
    if (this.counts.size > mostKeys) this.counts.clear();
    for (const { key, window, taken } of shares) this.counts.set(key, { window, taken: taken + 1 });
    return { allowed: true, limit, remaining: remaining - 1, resetAt };
  }
}

import type { LimitDecision } from '../edge/request-limits.js';
import type { LimitAnswer, LimitChange } from './limit-store.js';
import { exactUpTo } from './slice-size.js';

/** How long others may hold a slice that they do not use; when it is over, a refused sliced budget is asked for again. */
export const idleMs = 1_000;
const lookAgainMs = 2 * idleMs;

/** What one gateway knows of one budget in one window. */
export class LocalWindow {
  limit = 0;
  /** Granted to us and not used. */
  left = 0;
  /** Used here. */
  spent = 0;
  /** Of the limit, granted to nobody when the store was last asked. */
  elsewhere = 0;
  usedAt = 0;
  private refusesUntil = 0;

  constructor(
    readonly key: string,
    readonly windowSeconds: number,
    readonly endsAt: number,
  ) {}

  /** A limit that was changed counts at once; the store is asked before anybody is refused. */
  adopt(limit: number): void {
    if (limit === this.limit) return;
    this.elsewhere = Math.max(0, this.elsewhere + limit - this.limit);
    this.limit = limit;
    this.refusesUntil = 0;
  }

  answered(answer: LimitAnswer, now: number): void {
    this.left += answer.granted;
    this.elsewhere = Math.max(0, this.limit - answer.used);
    if (this.elsewhere > 0) this.refusesUntil = 0;
    // A slice that another gateway held may have come back: worth one more look, not one for each request.
    else if (this.limit > exactUpTo && (answer.granted > 0 || this.refusesUntil === 0))
      this.refusesUntil = now + lookAgainMs;
    else this.refusesUntil = Infinity;
  }

  refuses(now: number): boolean {
    return this.left === 0 && now < this.refusesUntil;
  }

  spend(now: number): LimitDecision {
    this.left -= 1;
    this.spent += 1;
    this.usedAt = now;
    return { allowed: true, limit: this.limit, remaining: this.left + this.elsewhere, resetAt: this.endsAt };
  }

  refund(): void {
    this.left += 1;
    this.spent -= 1;
  }

  refusal(): LimitDecision {
    return { allowed: false, limit: this.limit, remaining: 0, resetAt: this.endsAt };
  }

  /** An exact budget keeps nothing; a slice is kept as long as it is used. */
  isIdle(now: number): boolean {
    return this.left > 0 && (this.limit <= exactUpTo || now - this.usedAt >= idleMs);
  }

  giveBack(): LimitChange {
    const amount = -this.left;
    this.elsewhere += this.left;
    this.left = 0;
    this.refusesUntil = 0;
    return {
      key: this.key,
      windowSeconds: this.windowSeconds,
      limit: this.limit,
      amount,
      window: this.endsAt,
    };
  }

  /** A gift that was not sent yet. */
  takeBack(amount: number): void {
    this.left += amount;
    this.elsewhere -= amount;
  }
}

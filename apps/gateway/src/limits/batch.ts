import type { LimitBudget, LimitDecision } from '../edge/request-limits.js';
import type { LimitChange } from './limit-store.js';
import type { LocalWindow } from './local-window.js';

/** A request that got what was here and waits for the rest. */
export interface Waiting {
  held: { window: LocalWindow; decision: LimitDecision }[];
  missing: string[];
  resolve: (decision: LimitDecision) => void;
  reject: (error: unknown) => void;
}

/** What goes to the store in one statement: what the waiting requests need, and what is given back. */
export class Batch {
  readonly needs = new Map<string, { budget: LimitBudget; count: number }>();
  readonly gifts = new Map<string, LimitChange>();
  readonly waiting: Waiting[] = [];

  get isEmpty(): boolean {
    return this.needs.size === 0 && this.gifts.size === 0;
  }

  need(key: string, budget: LimitBudget): void {
    const known = this.needs.get(key);
    if (known) {
      known.count += 1;
      known.budget = budget;
    } else this.needs.set(key, { budget, count: 1 });
  }

  /** Only the latest window takes anything back. */
  give(gift: LimitChange): void {
    const known = this.gifts.get(gift.key);
    const [knownWindow, window] = [known?.window ?? 0, gift.window ?? 0];
    if (!known || knownWindow < window) this.gifts.set(gift.key, gift);
    else if (knownWindow === window) known.amount += gift.amount;
  }

  /** A gift that turns out to be needed here. */
  withdraw(key: string): LimitChange | undefined {
    const gift = this.gifts.get(key);
    if (gift) this.gifts.delete(key);
    return gift;
  }

  /** A key changes once in a statement: of what is also needed nothing can be given, yet. */
  withdrawNeeded(): LimitChange[] {
    return [...this.gifts.keys()]
      .filter((key) => this.needs.has(key))
      .flatMap((key) => this.withdraw(key) ?? []);
  }

  takeWaiting(): Waiting[] {
    return this.waiting.splice(0);
  }

  fail(error: unknown): void {
    for (const { held, reject } of this.takeWaiting()) {
      for (const { window } of held) window.refund();
      reject(error);
    }
  }
}

import type { LimitBudget, LimitDecision, RequestLimits } from '../edge/request-limits.js';
import type { Batch, Waiting } from './batch.js';
import { budgetKey } from './budget-key.js';
import type { LimitAnswer, LimitChange, LimitStore } from './limit-store.js';
import { idleMs, LocalWindow } from './local-window.js';
import { sliceSize } from './slice-size.js';
import { StoreClock } from './store-clock.js';
import { StoreQueue } from './store-queue.js';
import { tightest } from './tightest.js';
import { WindowTable } from './window-table.js';

interface Wanted {
  key: string;
  budget: LimitBudget;
  /** Undefined when nothing is known of it, or of a window that is over. */
  window: LocalWindow | undefined;
}

export interface LimiterOptions {
  store: LimitStore;
  /** In milliseconds; only its progress matters. */
  clock: () => number;
  maxWindows?: number;
}

/**
 * Spends what the store granted to this gateway and asks for more when it is used up. No request is let through that
 * the store has not counted, so no number of gateways accepts more than the limit.
 */
export class Limiter implements RequestLimits {
  private readonly windows: WindowTable;
  private readonly storeClock: StoreClock;
  private readonly queue = new StoreQueue((batch) => this.exchange(batch));
  private readonly sweep = setInterval(() => this.returnIdle(), idleMs / 2).unref();
  private closed = false;

  constructor(private readonly options: LimiterOptions) {
    this.windows = new WindowTable(options.maxWindows ?? 50_000, (window) => this.giveBack(window));
    this.storeClock = new StoreClock(options.clock);
  }

  take(budget: LimitBudget): LimitDecision | Promise<LimitDecision> {
    return this.takeAll([budget]);
  }

  takeAll(budgets: readonly LimitBudget[]): LimitDecision | Promise<LimitDecision> {
    if (this.closed) return Promise.reject(new Error('the limiter is closed'));
    const now = this.options.clock();
    const wanted = budgets.map((budget) => this.open(budget));
    const refused = wanted.flatMap(({ window }) =>
      window && this.refuses(window, now) ? [window.refusal()] : [],
    );
    if (refused.length > 0) return tightest(refused);
    const held: Waiting['held'] = [];
    const missing: Wanted[] = [];
    for (const one of wanted) {
      if (one.window && one.window.left > 0)
        held.push({ window: one.window, decision: one.window.spend(now) });
      else missing.push(one);
    }
    return missing.length === 0 ? tightest(held.map(({ decision }) => decision)) : this.wait(held, missing);
  }

  /** Gives slices back that nobody uses here, so that they can be used elsewhere; forgets what is past. */
  returnIdle(): void {
    const now = this.options.clock();
    for (const window of this.windows.values()) {
      if (this.storeClock.isSurelyPast(window.endsAt)) this.windows.delete(window);
      else if (window.isIdle(now)) this.giveBack(window);
    }
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweep);
    for (const window of this.windows.values()) this.giveBack(window);
    await this.queue.drain();
  }

  private wait(held: Waiting['held'], missing: readonly Wanted[]): Promise<LimitDecision> {
    return new Promise((resolve, reject) => {
      for (const { key, budget } of missing) this.queue.gathering.need(key, budget);
      this.queue.gathering.waiting.push({ held, missing: missing.map(({ key }) => key), resolve, reject });
      this.queue.flush();
    });
  }

  private open(budget: LimitBudget): Wanted {
    const key = budgetKey(budget);
    const window = this.windows.get(key);
    if (!window) return { key, budget, window };
    if (this.storeClock.isSurelyPast(window.endsAt)) {
      this.windows.delete(window);
      return { key, budget, window: undefined };
    }
    window.adopt(budget.limit);
    const gift = window.left === 0 ? this.queue.gathering.withdraw(key) : undefined;
    if (gift?.window === window.endsAt) window.takeBack(-gift.amount);
    return { key, budget, window };
  }

  /** Where the window may already be over the store is asked: who waited as long as told must not be refused again. */
  private refuses(window: LocalWindow, now: number): boolean {
    return window.refuses(now) && !this.storeClock.isPerhapsPast(window.endsAt);
  }

  private async exchange(batch: Batch): Promise<void> {
    for (const gift of batch.withdrawNeeded()) this.queue.gathering.give(gift);
    const asks = this.asks(batch);
    const askedAt = this.options.clock();
    const { now, answers } = await this.options.store.exchange([...asks, ...batch.gifts.values()]);
    this.storeClock.observe(askedAt, now);
    const answered = new Map<string, LocalWindow>();
    asks.forEach((ask, at) => {
      const answer = answers[at];
      if (answer) answered.set(ask.key, this.learn(ask, answer));
    });
    const { waiting } = batch;
    batch.waiting = [];
    const touched = new Set(answered.values());
    for (const one of waiting) this.settle(one, answered, touched);
    for (const window of touched) if (window.isIdle(this.options.clock())) this.giveBack(window);
  }

  private asks(batch: Batch): LimitChange[] {
    return [...batch.needs].map(([key, { budget, count }]) => {
      const { limit, windowSeconds } = budget;
      const amount = Math.max(
        count,
        sliceSize(limit, this.windows.get(key) ?? { spent: 0, elsewhere: limit }),
      );
      return { key, windowSeconds, limit, amount, window: null };
    });
  }

  private learn({ key, windowSeconds, limit }: LimitChange, answer: LimitAnswer): LocalWindow {
    const known = this.windows.get(key);
    // An answer that was given up and came after all.
    if (known && known.endsAt > answer.endsAt) return known;
    const window =
      known?.endsAt === answer.endsAt ? known : new LocalWindow(key, windowSeconds, answer.endsAt);
    window.adopt(limit);
    window.answered(answer, this.options.clock());
    this.windows.put(window);
    return window;
  }

  /** All or nothing: what was taken already goes back when one of the others refuses. */
  private settle(
    { held, missing, resolve }: Waiting,
    answered: ReadonlyMap<string, LocalWindow>,
    touched: Set<LocalWindow>,
  ): void {
    const now = this.options.clock();
    const windows = missing.flatMap((key) => answered.get(key) ?? []);
    const refused = windows.filter(({ left }) => left === 0);
    if (refused.length === 0) {
      resolve(
        tightest([...held.map(({ decision }) => decision), ...windows.map((window) => window.spend(now))]),
      );
      return;
    }
    for (const { window } of held) {
      window.refund();
      touched.add(window);
    }
    resolve(tightest(refused.map((window) => window.refusal())));
  }

  private giveBack(window: LocalWindow): void {
    if (window.left === 0 || this.queue.gathering.needs.has(window.key)) return;
    this.queue.gathering.give(window.giveBack());
    this.queue.flush();
  }
}

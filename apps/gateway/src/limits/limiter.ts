import { AppError } from '@switchyard/errors';
import type { LimitBudget, LimitDecision, RequestLimits } from '../edge/request-limits.js';
import type { Batch, Waiting } from './batch.js';
import { budgetKey } from './budget-key.js';
import type { LimitStore } from './limit-store.js';
import { idleMs, type LocalWindow } from './local-window.js';
import { settle } from './settle.js';
import { StoreClock } from './store-clock.js';
import { StoreQueue } from './store-queue.js';
import { tightest } from './tightest.js';
import { WindowTable } from './window-table.js';

export interface LimiterOptions {
  store: LimitStore;
  /** In milliseconds; only its progress matters. */
  clock: () => number;
  /** How many budgets are remembered; the rest is asked for again. */
  maxWindows?: number;
  /** How long a request waits for the store. */
  patienceMs?: number;
  /** How often idle slices are looked for. */
  sweepMs?: number;
}

interface Wanted {
  key: string;
  budget: LimitBudget;
  window: LocalWindow | undefined;
}

/**
 * Spends what the store granted to this gateway and asks for more when that is used up. No request passes that the
 * store has not counted before, so any number of gateways together accept no more than the limit.
 */
export class Limiter implements RequestLimits {
  private readonly windows: WindowTable;
  private readonly storeClock: StoreClock;
  private readonly queue: StoreQueue;
  private readonly sweep: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: LimiterOptions) {
    const { clock, maxWindows = 50_000, patienceMs = 1_000, sweepMs = idleMs / 2 } = options;
    this.storeClock = new StoreClock(clock);
    this.windows = new WindowTable(this.storeClock, maxWindows, (window) => this.giveBack(window));
    this.queue = new StoreQueue((batch) => this.exchange(batch), patienceMs);
    this.sweep = setInterval(() => this.returnIdle(), sweepMs).unref();
  }

  take(budget: LimitBudget): LimitDecision | Promise<LimitDecision> {
    return this.takeAll([budget]);
  }

  /** The budgets have different keys. */
  takeAll(budgets: readonly LimitBudget[]): LimitDecision | Promise<LimitDecision> {
    if (this.closed) return Promise.reject(closing());
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

  /** Gives slices back that nobody uses here, so that they can be used elsewhere. */
  returnIdle(): void {
    const now = this.options.clock();
    for (const window of this.windows.values()) if (window.isIdle(now)) this.giveBack(window);
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweep);
    for (const window of this.windows.values()) this.giveBack(window);
    await this.queue.drain();
  }

  private open(budget: LimitBudget): Wanted {
    const key = budgetKey(budget);
    const window = this.windows.open(key, budget.limit);
    const gift = window?.left === 0 ? this.queue.gathering.withdraw(key) : undefined;
    if (gift && gift.window === window?.endsAt) window.takeBack(-gift.amount);
    return { key, budget, window };
  }

  /** Close to its end the store is asked: who waited as long as told must not be refused for our clock's sake. */
  private refuses(window: LocalWindow, now: number): boolean {
    return window.refuses(now) && !this.storeClock.isPerhapsPast(window.endsAt);
  }

  private wait(held: Waiting['held'], missing: readonly Wanted[]): Promise<LimitDecision> {
    return new Promise((resolve, reject) => {
      for (const { key, budget } of missing) this.queue.gathering.need(key, budget);
      this.queue.gathering.waiting.push({ held, missing: missing.map(({ key }) => key), resolve, reject });
      this.queue.flush();
    });
  }

  private async exchange(batch: Batch): Promise<void> {
    const { store, clock } = this.options;
    for (const gift of batch.withdrawNeeded()) this.queue.gathering.give(gift);
    const asks = [...batch.needs].map(([key, { budget, count }]) => this.windows.ask(key, budget, count));
    const askedAt = clock();
    const { now, answers } = await store.exchange([...asks, ...batch.gifts.values()]);
    this.storeClock.observe(askedAt, now);
    const answered = new Map<string, LocalWindow>();
    asks.forEach((ask, at) => {
      const answer = answers[at];
      if (answer) answered.set(ask.key, this.windows.learn(ask, answer, clock()));
    });
    const touched = new Set(answered.values());
    for (const one of batch.takeWaiting())
      for (const window of settle(one, answered, clock())) touched.add(window);
    for (const window of touched) if (window.isIdle(clock())) this.giveBack(window);
  }

  private giveBack(window: LocalWindow): void {
    if (window.left <= 0 || this.queue.gathering.needs.has(window.key)) return;
    this.queue.gathering.give(window.giveBack());
    this.queue.flush();
  }
}

const closing = () => new AppError('SERVICE_UNAVAILABLE', 'This gateway is closing', { retryAfter: 1 });

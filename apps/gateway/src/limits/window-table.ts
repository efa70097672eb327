import type { LimitBudget } from '../edge/request-limits.js';
import type { LimitAnswer, LimitChange } from './limit-store.js';
import { LocalWindow } from './local-window.js';
import { sliceSize } from './slice-size.js';
import type { StoreClock } from './store-clock.js';

/** The windows known here, bounded: those that the store was asked about longest ago go first. */
export class WindowTable {
  private readonly byKey = new Map<string, LocalWindow>();

  constructor(
    private readonly storeClock: StoreClock,
    private readonly max: number,
    /** Of what is pushed out. */
    private readonly evicted: (window: LocalWindow) => void,
  ) {}

  /** Undefined when nothing is known, or only of a window that is over. */
  open(key: string, limit: number): LocalWindow | undefined {
    const window = this.byKey.get(key);
    if (!window || this.forgetPast(window)) return undefined;
    window.adopt(limit);
    return window;
  }

  /** Those that are not over. */
  *values(): Generator<LocalWindow> {
    for (const window of this.byKey.values()) if (!this.forgetPast(window)) yield window;
  }

  /** What to ask the store for, when so many requests wait for this budget. */
  ask(key: string, { limit, windowSeconds }: LimitBudget, waiting: number): LimitChange {
    const slice = sliceSize(limit, this.open(key, limit) ?? { spent: 0, elsewhere: limit });
    return { key, windowSeconds, limit, amount: Math.max(waiting, slice), window: null };
  }

  learn({ key, windowSeconds, limit }: LimitChange, answer: LimitAnswer, now: number): LocalWindow {
    const known = this.byKey.get(key);
    // An answer that was given up and came after all.
    if (known && known.endsAt > answer.endsAt) return known;
    const window =
      known?.endsAt === answer.endsAt ? known : new LocalWindow(key, windowSeconds, answer.endsAt);
    window.adopt(limit);
    window.answered(answer, now);
    this.putAsNewest(window);
    return window;
  }

  private forgetPast(window: LocalWindow): boolean {
    const past = this.storeClock.isSurelyPast(window.endsAt);
    if (past) this.byKey.delete(window.key);
    return past;
  }

  private putAsNewest(window: LocalWindow): void {
    this.byKey.delete(window.key);
    this.byKey.set(window.key, window);
    while (this.byKey.size > this.max) {
      const [oldest] = this.byKey.values();
      if (!oldest) return;
      this.byKey.delete(oldest.key);
      this.evicted(oldest);
    }
  }
}

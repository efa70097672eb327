import type { LimitAnswer, LimitAnswers, LimitChange, LimitStore } from './limit-store.js';

/** What several limiters share in one process; for tests. */
export class InMemoryLimitStore implements LimitStore {
  private readonly used = new Map<string, number>();

  /** The clock in milliseconds. */
  constructor(private readonly clock: () => number) {}

  exchange(changes: readonly LimitChange[]): Promise<LimitAnswers> {
    const now = this.clock();
    return Promise.resolve({ now, answers: changes.map((change) => this.change(change, now)) });
  }

  private change({ key, windowSeconds, limit, amount, window }: LimitChange, now: number): LimitAnswer {
    const endsAt = (Math.floor(now / 1000 / windowSeconds) + 1) * windowSeconds;
    const row = `${endsAt} ${key}`;
    const before = this.used.get(row) ?? 0;
    if (window !== null && window !== endsAt) return { endsAt, granted: 0, used: limit };
    const used = Math.max(0, Math.min(before + amount, Math.max(before, limit)));
    this.used.set(row, used);
    return { endsAt, granted: used - before, used };
  }
}

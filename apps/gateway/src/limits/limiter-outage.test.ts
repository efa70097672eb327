import { AppError } from '@switchyard/errors';
import type { LimitBudget } from '../edge/request-limits.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import type { LimitAnswers, LimitStore } from './limit-store.js';
import { Limiter } from './limiter.js';

const budget: LimitBudget = { key: 'listPlugins:alice', limit: 60, windowSeconds: 2_000_000_000 };

class FragileStore extends InMemoryLimitStore {
  statements = 0;
  unanswered: (() => void)[] = [];
  mode: 'works' | 'fails' | 'hangs' = 'works';

  override async exchange(changes: Parameters<LimitStore['exchange']>[0]): Promise<LimitAnswers> {
    this.statements += 1;
    if (this.mode === 'fails') throw new Error('connect ECONNREFUSED');
    const answers = await super.exchange(changes);
    if (this.mode === 'hangs') await new Promise<void>((resolve) => this.unanswered.push(resolve));
    return answers;
  }
}

describe('a limiter whose store is away', () => {
  let store: FragileStore;
  let limiter: Limiter;
  beforeEach(() => {
    store = new FragileStore(() => Date.now());
    limiter = new Limiter({ store, clock: () => performance.now(), patienceMs: 20, sweepMs: 1e9 });
  });
  afterEach(() => {
    store.mode = 'works';
    return limiter.close();
  });
  const takeMany = (count: number) =>
    Promise.allSettled(Array.from({ length: count }, async () => limiter.take(budget)));

  it('rejects with what the store said, and works again when the store does', async () => {
    store.mode = 'fails';
    await expect(limiter.take(budget)).rejects.toThrow('connect ECONNREFUSED');
    store.mode = 'works';
    expect(await limiter.take(budget)).toMatchObject({ allowed: true, remaining: 59 });
  });

  it('gives back what a failed request held of another budget', async () => {
    const sliced = { ...budget, key: 'tenant:acme', limit: 1_000 };
    for (let n = 0; n < 3; n += 1) await limiter.take(sliced);
    store.mode = 'fails';
    await expect(limiter.takeAll([sliced, budget])).rejects.toThrow('ECONNREFUSED');
    expect(limiter.take(sliced)).toMatchObject({ allowed: true, remaining: 996 });
  });

  it('does not wait longer than its patience, nor pile statements up', async () => {
    store.mode = 'hangs';
    for (let round = 0; round < 6; round += 1)
      for (const outcome of await takeMany(50))
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SERVICE_UNAVAILABLE' } });
    expect(store.statements).toBe(3);
    await expect(limiter.take(budget)).rejects.toBeInstanceOf(AppError);
  });

  it('gives back what a late answer grants', async () => {
    store.mode = 'hangs';
    await takeMany(50);
    store.mode = 'works';
    for (const answer of store.unanswered) answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await limiter.take(budget)).toMatchObject({ allowed: true, remaining: 59 });
  });
});

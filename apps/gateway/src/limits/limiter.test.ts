import type { LimitBudget, LimitDecision } from '../edge/request-limits.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import type { LimitAnswers, LimitChange } from './limit-store.js';
import { Limiter, type LimiterOptions } from './limiter.js';

class WatchedStore extends InMemoryLimitStore {
  readonly statements: LimitChange[][] = [];
  hold: Promise<unknown> = Promise.resolve();
  travel: () => void = () => undefined;

  override async exchange(changes: readonly LimitChange[]): Promise<LimitAnswers> {
    this.statements.push([...changes]);
    this.travel();
    const answers = await super.exchange(changes);
    await this.hold;
    return answers;
  }
}

const minute = 60_000;
const user = (limit = 60): LimitBudget => ({ key: 'listPlugins:alice', limit, windowSeconds: 60 });
const tenant = (limit = 1_000): LimitBudget => ({ key: 'tenant:acme', limit, windowSeconds: 60 });

describe('a limiter', () => {
  let now: number;
  let store: WatchedStore;
  let opened: Limiter[];
  const open = (options: Partial<LimiterOptions> = {}) => {
    const limiter = new Limiter({ store, clock: () => now, sweepMs: 1e9, ...options });
    opened.push(limiter);
    return limiter;
  };
  beforeEach(() => {
    now = 100 * minute + 5_000;
    store = new WatchedStore(() => now);
    opened = [];
  });
  afterEach(() => Promise.all(opened.map((limiter) => limiter.close())));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const takeMany = async (limiter: Limiter, count: number, budget: LimitBudget) => {
    const decisions: LimitDecision[] = [];
    for (let n = 0; n < count; n += 1) decisions.push(await limiter.take(budget));
    return decisions;
  };
  const accepted = (decisions: LimitDecision[]) => decisions.filter(({ allowed }) => allowed).length;

  it('accepts up to the limit, counts down, and refuses until the window ends', async () => {
    const decisions = await takeMany(open(), 62, user());
    expect(decisions[0]).toEqual({ allowed: true, limit: 60, remaining: 59, resetAt: 101 * 60 });
    expect(decisions[59]).toEqual({ allowed: true, limit: 60, remaining: 0, resetAt: 101 * 60 });
    expect(decisions[60]).toEqual({ allowed: false, limit: 60, remaining: 0, resetAt: 101 * 60 });
  });

  it('begins anew with the next window', async () => {
    const limiter = open();
    await takeMany(limiter, 61, user());
    now = 101 * minute;
    expect(await limiter.take(user())).toMatchObject({ allowed: true, remaining: 59, resetAt: 102 * 60 });
  });

  it("goes by the store's clock, not by its own", async () => {
    const limiter = open({ clock: () => now - 50 * minute - 25_000 });
    await takeMany(limiter, 61, user());
    now = 101 * minute - 1;
    expect(await limiter.take(user())).toMatchObject({ allowed: false, resetAt: 101 * 60 });
    now = 101 * minute;
    expect(await limiter.take(user())).toMatchObject({ allowed: true, resetAt: 102 * 60 });
  });

  it('asks rather than refuses while the window may be over', async () => {
    const limiter = open();
    store.travel = () => (now += 40);
    await takeMany(limiter, 60, user());
    now = 101 * minute - 50;
    expect(limiter.take(user())).toMatchObject({ allowed: false });
    now = 101 * minute - 20;
    expect(await limiter.take(user())).toMatchObject({ allowed: true, resetAt: 102 * 60 });
  });

  it('refuses without asking the store again', async () => {
    const limiter = open();
    await takeMany(limiter, 60, user());
    const asked = store.statements.length;
    for (let n = 0; n < 1_000; n += 1) expect(limiter.take(user())).toMatchObject({ allowed: false });
    expect(store.statements.length).toBe(asked);
  });

  it('takes small budgets one by one and decides most of a large one without the store', async () => {
    const limiter = open();
    await takeMany(limiter, 30, user(120));
    expect(store.statements.length).toBe(30);
    await takeMany(limiter, 1_000, tenant());
    expect(store.statements.length - 30).toBeLessThan(90);
    const largest = Math.max(...store.statements.flat().map(({ amount }) => amount));
    expect(largest).toBe(20);
  });

  it('asks once for all who wait, whatever they wait for', async () => {
    const limiter = open();
    const others = Array.from({ length: 50 }, (_, n) => ({ ...user(), key: `listPlugins:user ${n}` }));
    await Promise.all([...others, ...others].map(async (budget) => limiter.takeAll([budget, tenant()])));
    expect(store.statements.length).toBe(1);
    expect(store.statements[0]?.length).toBe(51);
  });

  it('gathers the next statement while one is under way', async () => {
    const limiter = open();
    let release: (value: unknown) => void = () => undefined;
    store.hold = new Promise((resolve) => (release = resolve));
    const first = limiter.take(user());
    await settled();
    const rest = Array.from({ length: 70 }, async () => limiter.take(user()));
    await settled();
    expect(store.statements.length).toBe(1);
    release(undefined);
    expect(accepted([await first, ...(await Promise.all(rest))])).toBe(60);
    expect(store.statements.length).toBe(2);
  });

  describe('with several budgets', () => {
    it('tells the tightest', async () => {
      const limiter = open();
      expect(await limiter.takeAll([user(), tenant()])).toMatchObject({ limit: 60, remaining: 59 });
      expect(await limiter.takeAll([user(60), { ...tenant(2), key: 'tenant:small' }])).toMatchObject({
        limit: 2,
        remaining: 1,
      });
    });

    it('takes from none when one refuses, and tells the one that refuses', async () => {
      const limiter = open();
      await takeMany(limiter, 10, tenant(10));
      expect(await limiter.takeAll([user(), tenant(10)])).toMatchObject({ allowed: false, limit: 10 });
      expect(await limiter.take(user())).toMatchObject({ remaining: 59 });
    });

    it('gives back what it took when the store refuses the other', async () => {
      const [limiter, other] = [open(), open()];
      await limiter.take(tenant(10));
      await takeMany(other, 9, tenant(10));
      expect(await limiter.takeAll([user(), tenant(10)])).toMatchObject({ allowed: false, limit: 10 });
      await settled();
      expect(accepted(await takeMany(other, 61, user()))).toBe(60);
    });

    it('gives back what it held when the store refuses the other', async () => {
      const [limiter, other] = [open(), open()];
      await takeMany(limiter, 3, tenant());
      await takeMany(other, 60, user());
      expect(await limiter.takeAll([tenant(), user()])).toMatchObject({ allowed: false, limit: 60 });
      expect(limiter.take(tenant())).toMatchObject({ remaining: 996 });
    });
  });

  describe('beside another gateway', () => {
    it('returns a slice that is not used, so that it can be used elsewhere', async () => {
      const [one, other] = [open(), open()];
      await takeMany(one, 70, tenant());
      const rest = await takeMany(other, 1_000, tenant());
      expect(accepted(rest)).toBeLessThan(930);
      now += 1_000;
      one.returnIdle();
      await settled();
      now += 1_000;
      expect(accepted(rest) + accepted(await takeMany(other, 100, tenant()))).toBe(930);
    });

    it('looks once, not for each request, whether something came back', async () => {
      const [one, other] = [open(), open()];
      await takeMany(one, 70, tenant());
      await takeMany(other, 1_000, tenant());
      const asked = store.statements.length;
      for (let second = 0; second < 40; second += 1) {
        now += 1_000;
        await takeMany(other, 10, tenant());
      }
      expect(store.statements.length - asked).toBe(1);
    });

    it('gives everything back when it closes', async () => {
      const [one, other] = [open(), open()];
      await takeMany(one, 70, tenant());
      await one.close();
      expect(accepted(await takeMany(other, 1_000, tenant()))).toBe(930);
      await expect(one.take(user())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    });

    it('spends what it was about to give back', async () => {
      const limiter = open();
      await takeMany(limiter, 70, tenant());
      now += 1_000;
      limiter.returnIdle();
      const asked = store.statements.length;
      expect(limiter.take(tenant())).toMatchObject({ allowed: true, remaining: 929 });
      await settled();
      expect(store.statements.length).toBe(asked);
    });
  });

  it('lets a raised limit count at once', async () => {
    const limiter = open();
    await takeMany(limiter, 60, user(60));
    expect(await limiter.take(user(80))).toMatchObject({ allowed: true, limit: 80, remaining: 19 });
  });

  it('remembers a bounded number of budgets and counts the others all the same', async () => {
    const limiter = open({ maxWindows: 10 });
    const everybody = Array.from({ length: 40 }, (_, n) => ({ ...tenant(), key: `tenant:${n}` }));
    for (let round = 1; round <= 30; round += 1)
      for (const budget of everybody)
        expect(await limiter.take(budget)).toMatchObject({ allowed: true, remaining: 1_000 - round });
  });
});

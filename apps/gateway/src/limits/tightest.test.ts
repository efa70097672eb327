import { tightest } from './tightest.js';

const decision = (allowed: boolean, limit: number, remaining: number, resetAt = 60) => ({
  allowed,
  limit,
  remaining,
  resetAt,
});

describe('the tightest of several budgets', () => {
  it('is the one with the smallest share left', () => {
    const [own, tenant] = [decision(true, 60, 30), decision(true, 1_000, 400)];
    expect(tightest([own, tenant])).toBe(tenant);
    expect(tightest([decision(true, 60, 20), tenant])).toMatchObject({ limit: 60 });
  });

  it('is one that refuses, whatever is left of the others', () => {
    const refusing = decision(false, 1_000, 0);
    expect(tightest([decision(true, 60, 0), refusing])).toBe(refusing);
  });

  it('is the refusal that lasts longest', () => {
    const long = decision(false, 10, 0, 3_600);
    expect(tightest([decision(false, 60, 0), long, decision(false, 60, 0)])).toBe(long);
  });
});

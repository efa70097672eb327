import fc from 'fast-check';
import { retryDelay } from './retry-delay.js';

const policy = { firstDelayMs: 100, maxDelayMs: 10_000 };

describe('the delay before a retry', () => {
  it('doubles up to its limit', () => {
    expect([1, 2, 3, 20].map((attempt) => retryDelay(policy, attempt, 1))).toEqual([100, 200, 400, 10_000]);
  });

  it('is never less than half of that, nor more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const full = retryDelay(policy, attempt, 1);
          expect(retryDelay(policy, attempt, random)).toBeGreaterThanOrEqual(full / 2);
          expect(retryDelay(policy, attempt, random)).toBeLessThanOrEqual(full);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { placeOf, WeightedChoice } from './weighted-choice.js';

describe('dealing requests out by weight', () => {
  it('keeps any share to within a few after any number, however it begins', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 5_000 }),
        (start, percent, times) => {
          const choice = new WeightedChoice(start);
          let chosen = 0;
          for (let i = 0; i < times; i += 1) if (choice.next(percent / 100)) chosen += 1;
          expect(Math.abs(chosen - (times * percent) / 100)).toBeLessThanOrEqual(8);
        },
      ),
    );
  });

  it('gives a client that is every second, third … of all requests the same share', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        fc.constantFrom(2, 3, 4, 5, 10),
        fc.constantFrom(10, 30, 50),
        (start, rhythm, percent) => {
          const choice = new WeightedChoice(start);
          let chosen = 0;
          for (let i = 0; i < 2_000 * rhythm; i += 1)
            if (choice.next(percent / 100) && i % rhythm === 0) chosen += 1;
          expect(Math.abs(chosen / 2_000 - percent / 100)).toBeLessThan(0.03);
        },
      ),
    );
  });
});

describe("a user's place", () => {
  it('is spread evenly, also over names that differ little', () => {
    for (const salt of ['', 'dep-1', 'dep-2']) {
      const tenths = new Array<number>(10).fill(0);
      for (let i = 0; i < 10_000; i += 1) {
        const place = Math.floor(placeOf(salt, `user-${i}`) * 10);
        tenths[place] = (tenths[place] ?? 0) + 1;
      }
      for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(130);
    }
  });

  it('is the same each time, and another one with another salt', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (salt, user) => {
        const place = placeOf(salt, user);
        expect(placeOf(salt, user)).toBe(place);
        expect(place >= 0 && place < 1).toBe(true);
      }),
    );
    const users = Array.from({ length: 1_000 }, (_, i) => `user-${i}`);
    const both = users.filter((user) => placeOf('a', user) < 0.5 && placeOf('b', user) < 0.5);
    expect(Math.abs(both.length - 250)).toBeLessThan(60);
  });
});

import { StoreClock } from './store-clock.js';

describe("the store's clock, as seen from here", () => {
  let now: number;
  let clock: StoreClock;
  beforeEach(() => {
    now = 0;
    clock = new StoreClock(() => now);
  });
  /** Asked now, answered after so many milliseconds. */
  const answer = (storeTime: number, after: number) => {
    const askedAt = now;
    now += after;
    clock.observe(askedAt, storeTime);
  };

  it('is known but for the time that the answer took', () => {
    answer(50_000, 100); // it shows 50,000 to 50,100 now
    now += 9_900;
    expect([clock.isPerhapsPast(60), clock.isSurelyPast(60)]).toEqual([true, false]);
    now -= 1;
    expect(clock.isPerhapsPast(60)).toBe(false);
    now += 101;
    expect(clock.isSurelyPast(60)).toBe(true);
  });

  it('is known better by a quicker answer, and not worse by a slower one', () => {
    answer(50_000, 100);
    answer(50_105, 10); // at 110: 50,105 to 50,115
    answer(50_120, 500);
    now = 10_004; // 59,999 to 60,009
    expect([clock.isPerhapsPast(60), clock.isSurelyPast(60)]).toEqual([true, false]);
    now = 9_994;
    expect(clock.isPerhapsPast(60)).toBe(false);
    now = 10_005;
    expect(clock.isSurelyPast(60)).toBe(true);
  });

  it('is believed when it was set', () => {
    answer(50_000, 10);
    answer(20_000, 10);
    now += 39_900;
    expect(clock.isPerhapsPast(60)).toBe(false);
    answer(90_000, 10);
    expect(clock.isSurelyPast(60)).toBe(true);
  });
});

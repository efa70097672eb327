import { sliceSize } from './slice-size.js';

describe('the size of a slice', () => {
  it('is one for a small budget', () => {
    expect(sliceSize(120, { spent: 60, elsewhere: 60 })).toBe(1);
  });

  it('is at most 2 % of a large one', () => {
    expect(sliceSize(1_000, { spent: 500, elsewhere: 500 })).toBe(20);
    expect(sliceSize(121, { spent: 60, elsewhere: 61 })).toBe(2);
  });

  it('is no more than this gateway has used already', () => {
    expect(sliceSize(1_000, { spent: 0, elsewhere: 1_000 })).toBe(1);
    expect(sliceSize(1_000, { spent: 7, elsewhere: 993 })).toBe(7);
  });

  it('shrinks to one with what is left', () => {
    expect(sliceSize(1_000, { spent: 920, elsewhere: 80 })).toBe(10);
    expect(sliceSize(1_000, { spent: 995, elsewhere: 5 })).toBe(1);
  });
});

import { Batch } from './batch.js';

const budget = { key: 'k', limit: 1_000, windowSeconds: 60 };
const gift = (amount: number, window = 120) => ({
  key: 'k',
  windowSeconds: 60,
  limit: 1_000,
  amount,
  window,
});

describe('a batch', () => {
  it('adds up what several need', () => {
    const batch = new Batch();
    batch.need('k', budget);
    batch.need('k', { ...budget, limit: 2_000 });
    expect([...batch.needs.values()]).toEqual([{ budget: { ...budget, limit: 2_000 }, count: 2 }]);
  });

  it('adds up what is given to one window, and gives to the latest only', () => {
    const batch = new Batch();
    for (const one of [gift(-5), gift(-2), gift(-9, 60)]) batch.give(one);
    expect([...batch.gifts.values()]).toEqual([gift(-7)]);
    batch.give(gift(-3, 180));
    expect([...batch.gifts.values()]).toEqual([gift(-3, 180)]);
  });

  it('never both needs and gives the same', () => {
    const batch = new Batch();
    batch.give(gift(-5));
    batch.give({ ...gift(-5), key: 'other' });
    batch.need('k', budget);
    expect(batch.withdrawNeeded()).toEqual([gift(-5)]);
    expect([...batch.gifts.keys()]).toEqual(['other']);
  });
});

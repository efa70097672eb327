import { crashBackoff } from './crash-backoff.js';

const backoff = { firstMs: 1000, mostMs: 60_000 };

it('Crashes in a row are answered by waiting twice as long each time, up to a bound', () => {
  expect([1, 2, 3, 4, 7, 1000].map((crashes) => crashBackoff(crashes, backoff))).toEqual([
    1000, 2000, 4000, 8000, 60_000, 60_000,
  ]);
});

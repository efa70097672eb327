import { parseStrategyConfig } from './parse-strategy-config.js';
import { reservedPairs, stableBeside } from './reserved-pairs.js';
import type { Strategy } from './strategy-config.js';

type Values = Readonly<Record<string, string>>;

function pairs(strategy: Strategy, values: Values, total: number, stable: number) {
  const parsed = parseStrategyConfig(strategy, values);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return reservedPairs(parsed.config, { total, stable });
}

describe('reservedPairs', () => {
  it.each<[Strategy, Values, number, number, string]>([
    ['Direct', {}, 10, 10, '10+10'],
    ['Canary', { stages: '10,50,100' }, 10, 10, '1+10 5+10 10+10'],
    ['Canary', { stages: '10' }, 10, 4, '1+4 10+4'],
    ['BlueGreen', {}, 3, 10, '3+10 3+10'],
    ['ABTest', { percentage: '20' }, 10, 10, '2+10 10+10'],
    ['Rolling', { batchSize: '3' }, 10, 10, '3+10 6+7 9+4 10+1'],
    ['Rolling', { batchSize: '25%' }, 10, 10, '2+10 4+8 6+6 8+4 10+2'],
    ['Rolling', { batchSize: '100%' }, 10, 10, '10+10'],
    ['Rolling', { batchSize: '3' }, 4, 10, '3+10 4+7'],
    ['Rolling', { batchSize: '3' }, 10, 4, '3+4 6+1 9+0 10+0'],
    ['Rolling', { batchSize: '50' }, 2, 2, '2+2'],
    ['Canary', {}, 10, 0, '10+0'],
    ['Rolling', {}, 10, 0, '10+0'],
  ])('%s %j to %i from %i needs %s', (strategy, values, total, stable, expected) => {
    const found = pairs(strategy, values, total, stable);
    expect(found.map((pair) => `${pair.candidate}+${pair.stable}`).join(' ')).toBe(expected);
  });

  it('tell how many of stable have room beside so many of the candidate', () => {
    const rolling = pairs('Rolling', { batchSize: '3' }, 10, 10);
    expect([0, 3, 4, 6, 10, 11].map((candidates) => stableBeside(rolling, candidates))).toEqual([
      10, 10, 7, 7, 1, 0,
    ]);
  });
});

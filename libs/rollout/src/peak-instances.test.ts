import { parseStrategyConfig } from './parse-strategy-config.js';
import { peakInstances } from './peak-instances.js';
import type { Strategy } from './strategy-config.js';

function peak(strategy: Strategy, values: Record<string, string>, total: number, stable: number): number {
  const parsed = parseStrategyConfig(strategy, values);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return peakInstances(parsed.config, { total, stable });
}

describe('peakInstances', () => {
  it.each<[Strategy, Record<string, string>, number, number, number]>([
    ['Direct', {}, 10, 10, 20],
    ['Canary', {}, 10, 10, 20],
    ['Canary', { stages: '10' }, 10, 4, 14],
    ['BlueGreen', {}, 3, 10, 13],
    ['ABTest', {}, 10, 10, 20],
    ['Rolling', { batchSize: '3' }, 10, 10, 13],
    ['Rolling', { batchSize: '25%' }, 10, 10, 12],
    ['Rolling', { batchSize: '100%' }, 10, 10, 20],
    ['Rolling', { batchSize: '3' }, 4, 10, 13],
    ['Rolling', { batchSize: '3' }, 10, 4, 10],
    ['Rolling', { batchSize: '50' }, 2, 2, 4],
    ['Canary', {}, 10, 0, 10],
    ['Rolling', {}, 10, 0, 10],
  ])('%s %j to %i from %i needs %i', (strategy, values, total, stable, expected) => {
    expect(peak(strategy, values, total, stable)).toBe(expected);
  });
});

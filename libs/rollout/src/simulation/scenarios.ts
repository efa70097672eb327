import type { Service } from './random-traffic.js';
import type { Scenario } from './simulate-rollouts.js';

const usual: Service = { errorRate: 0.003, medianMs: 60, spread: 0.6 };
const tailed: Service = { errorRate: 0.01, medianMs: 60, spread: 1.2 };
const failing = (errorRate: number): Service => ({ ...usual, errorRate });

const scenario = (
  name: string,
  requestsPerSecond: number,
  candidate: Service,
  stable = usual,
  responseTimeThreshold?: string,
): Scenario => ({
  name,
  requestsPerSecond,
  candidate,
  stable,
  ...(responseTimeThreshold === undefined ? {} : { responseTimeThreshold }),
});

/** Nothing is wrong with the candidate, or nothing that is not tolerated. The last ones lie on the border itself. */
export const goodVersions: readonly Scenario[] = [
  ...[2, 20, 200].map((rate) => scenario('the same, 0.3 % errors', rate, usual)),
  ...[2, 20, 200].map((rate) => scenario('the same, 1 % errors, long tail', rate, tailed, tailed)),
  ...[20, 200].map((rate) => scenario('0.1 % errors, stable has 0.3 %', rate, failing(0.001))),
  ...[20, 200].map((rate) => scenario('1.4 times as slow', rate, { ...usual, medianMs: 84 })),
  ...[2, 20, 200].map((rate) => scenario('both at the threshold of 5 %', rate, failing(0.05), failing(0.05))),
  // 60 ms * exp(1.645 * 0.6) = 161 ms is the true 95th percentile; 184 is the next bucket's bound.
  ...[20, 200].map((rate) => scenario('the same, p95 limit 184 ms', rate, usual, usual, '184')),
  ...[20, 200].map((rate) => scenario('1.45 % errors, stable has 0.3 %', rate, failing(0.0145))),
];

export const badVersions: readonly Scenario[] = [
  ...[2, 20, 200].map((rate) => scenario('33 % errors', rate, failing(0.33))),
  ...[2, 20, 200].map((rate) => scenario('8 % errors', rate, failing(0.08))),
  ...[2, 20, 200].map((rate) => scenario('8 % errors, stable has 5 %', rate, failing(0.08), failing(0.05))),
  ...[2, 20, 200].map((rate) => scenario('3 % errors', rate, failing(0.03))),
  ...[2, 20, 200].map((rate) => scenario('5 times as slow', rate, { ...usual, medianMs: 300 })),
  ...[2, 20, 200].map((rate) => scenario('2.5 times as slow', rate, { ...usual, medianMs: 150 })),
  ...[2, 20, 200].map((rate) =>
    scenario('2 times as slow, p95 limit 184 ms', rate, { ...usual, medianMs: 120 }, usual, '184'),
  ),
];

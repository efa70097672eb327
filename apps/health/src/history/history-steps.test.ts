import { windowMs } from '@switchyard/contracts';
import fc from 'fast-check';
import { historyPoints, type StepRow } from './history-points.js';
import { historySteps, mostPoints } from './history-steps.js';

const now = Date.parse('2025-11-24T12:34:56Z');
const minute = 60_000;

describe('the steps of a window', () => {
  it.each([
    ['PT1M', 1, 1],
    ['PT1H', 1, 60],
    ['PT90M', 2, 45],
    ['PT24H', 30, 48],
    ['P7D', 180, 56],
    ['P30D', 720, 60],
  ])('of %s are of %d minutes each, %d of them', (window, minutes, points) => {
    const { stepMs, starts } = historySteps(windowMs(window), now);
    expect([stepMs / minute, starts.length]).toEqual([minutes, points]);
  });

  it('are about 60 at most, round, without gaps, and end with the one that is running', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 43_200 }), fc.nat(1e9), (minutes, later) => {
        const at = now + later;
        const { stepMs, starts } = historySteps(minutes * minute, at);
        expect(starts.length).toBeGreaterThan(0);
        expect(starts.length).toBeLessThanOrEqual(mostPoints + 1);
        for (const [place, start] of starts.entries()) {
          expect(start % stepMs).toBe(0);
          if (place > 0) expect(start - (starts[place - 1] ?? 0)).toBe(stepMs);
        }
        expect(at - (starts.at(-1) ?? 0)).toBeLessThan(stepMs);
        expect((starts[0] ?? 0) + stepMs).toBeGreaterThan(at - minutes * minute);
      }),
    );
  });
});

describe('the points of a history', () => {
  const steps = { stepMs: minute, starts: [0, 1, 2, 3].map((at) => at * minute) };
  const row = (at: number, more: Partial<StepRow>): StepRow => ({
    at: at * minute,
    requests: 0,
    errors: 0,
    timed: 0,
    latencySumMs: 0,
    healthy: null,
    total: null,
    cpuPercent: null,
    memoryPercent: null,
    ...more,
  });
  const healthy = (points: ReturnType<typeof historyPoints>) =>
    points.map(({ healthyInstances, errorRate }) => [healthyInstances, errorRate]);

  it('carry instances on, and requests not', () => {
    const rows = [row(1, { healthy: 2, total: 2, requests: 4, errors: 1 }), row(3, { healthy: 1 })];
    expect(healthy(historyPoints(steps, rows, undefined, null))).toEqual([
      [2, 0.25],
      [2, null],
      [1, null],
    ]);
  });

  it('begin with what was before the window', () =>
    expect(
      healthy(
        historyPoints(steps, [], { healthy: 3, total: 3, cpuPercent: null, memoryPercent: null }, null),
      ),
    ).toEqual([
      [3, null],
      [3, null],
      [3, null],
      [3, null],
    ]));

  it('end when the set does', () =>
    expect(historyPoints(steps, [row(0, { healthy: 1, total: 1 })], undefined, 1.5 * minute)).toHaveLength(
      2,
    ));

  it('are none of what nothing is known of', () =>
    expect(historyPoints(steps, [], undefined, null)).toEqual([]));
});

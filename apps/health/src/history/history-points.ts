import type { HealthHistory } from '@switchyard/contracts';
import type { HistorySteps } from './history-steps.js';

/** What was kept of a step; what did not change within it is null. */
export interface StepRow {
  /** Epoch milliseconds of the step's beginning. */
  at: number;
  requests: number;
  errors: number;
  timed: number;
  latencySumMs: number;
  healthy: number | null;
  total: number | null;
  cpuPercent: number | null;
  memoryPercent: number | null;
}

type Levels = Pick<StepRow, 'healthy' | 'total' | 'cpuPercent' | 'memoryPercent'>;

export const noLevels: Levels = { healthy: null, total: null, cpuPercent: null, memoryPercent: null };
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/**
 * Counts are of their step; levels are written when they change, so each step begins with those before it. Steps in which
 * nothing of the set was known yet are left out, and those after its end.
 */
export function historyPoints(
  { starts }: HistorySteps,
  rows: readonly StepRow[],
  before: Levels | undefined,
  goneAt: number | null,
): HealthHistory['dataPoints'] {
  const byStart = new Map(rows.map((row) => [row.at, row]));
  const points: HealthHistory['dataPoints'] = [];
  let levels = before;
  for (const start of starts) {
    const row = byStart.get(start);
    if (row) levels = later(levels ?? noLevels, row);
    if (!levels || (goneAt !== null && start > goneAt)) continue;
    points.push({
      timestamp: new Date(start).toISOString(),
      healthyInstances: levels.healthy ?? 0,
      totalInstances: levels.total ?? 0,
      requests: row?.requests ?? 0,
      avgResponseTime: row && row.timed > 0 ? rounded(row.latencySumMs / row.timed, 1) : null,
      errorRate: row && row.requests > 0 ? rounded(row.errors / row.requests, 6) : null,
      cpuUsage: levels.cpuPercent === null ? null : rounded(levels.cpuPercent, 1),
      memoryUsage: levels.memoryPercent === null ? null : rounded(levels.memoryPercent, 1),
    });
  }
  return points;
}

const later = (levels: Levels, row: Levels): Levels => ({
  healthy: row.healthy ?? levels.healthy,
  total: row.total ?? levels.total,
  cpuPercent: row.cpuPercent ?? levels.cpuPercent,
  memoryPercent: row.memoryPercent ?? levels.memoryPercent,
});

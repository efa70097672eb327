import type { Transaction } from '@switchyard/database';
import type { TrafficCounts } from '../verdicts/traffic-window.js';
import type { StepRow } from './history-points.js';

type Of = { setId: string; tenantId: string };

const minuteOf = (at: number): Date => new Date(Math.floor(at / 60_000) * 60_000);

/** Counts into the minute. */
export const addTrafficToBuckets = (
  tx: Transaction,
  at: number,
  traffic: readonly (Of & TrafficCounts)[],
): Promise<number> =>
  tx.run(
    `INSERT INTO health.buckets AS b (set_id, tenant_id, minute, requests, errors, timed, latency_sum_ms)
     SELECT s, t, $7, r, e, n, l FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::float8[]) AS x (s, t, r, e, n, l)
     ORDER BY s
     ON CONFLICT (set_id, minute) DO UPDATE SET requests = b.requests + excluded.requests, errors = b.errors + excluded.errors,
       timed = b.timed + excluded.timed, latency_sum_ms = b.latency_sum_ms + excluded.latency_sum_ms`,
    [
      traffic.map(({ setId }) => setId),
      traffic.map(({ tenantId }) => tenantId),
      traffic.map(({ requests }) => requests),
      traffic.map(({ errors }) => errors),
      traffic.map(({ timed }) => timed),
      traffic.map(({ latencySumMs }) => latencySumMs),
      minuteOf(at),
    ],
  );

export const noteInstances = (
  tx: Transaction,
  at: number,
  sets: readonly (Of & { healthy: number; total: number })[],
): Promise<number> =>
  tx.run(
    `INSERT INTO health.buckets (set_id, tenant_id, minute, healthy, total)
     SELECT s, t, $5, h, n FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS x (s, t, h, n) ORDER BY s
     ON CONFLICT (set_id, minute) DO UPDATE SET healthy = excluded.healthy, total = excluded.total`,
    [
      sets.map(({ setId }) => setId),
      sets.map(({ tenantId }) => tenantId),
      sets.map(({ healthy }) => healthy),
      sets.map(({ total }) => total),
      minuteOf(at),
    ],
  );

export const noteUsage = (
  tx: Transaction,
  at: number,
  sets: readonly (Of & { cpuPercent: number; memoryPercent: number })[],
): Promise<number> =>
  tx.run(
    `INSERT INTO health.buckets (set_id, tenant_id, minute, cpu_percent, memory_percent)
     SELECT s, t, $5, c, m FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS x (s, t, c, m) ORDER BY s
     ON CONFLICT (set_id, minute) DO UPDATE SET cpu_percent = excluded.cpu_percent, memory_percent = excluded.memory_percent`,
    [
      sets.map(({ setId }) => setId),
      sets.map(({ tenantId }) => tenantId),
      sets.map(({ cpuPercent }) => cpuPercent),
      sets.map(({ memoryPercent }) => memoryPercent),
      minuteOf(at),
    ],
  );

/** Counts are added up; of levels the last in each step stands. */
export async function readSteps(
  tx: Transaction,
  setId: string,
  from: number,
  stepMs: number,
): Promise<StepRow[]> {
  const last = (column: string) =>
    `(array_agg(${column} ORDER BY minute DESC) FILTER (WHERE ${column} IS NOT NULL))[1]`;
  const rows = await tx.query<{
    at: string;
    requests: string;
    errors: string;
    timed: string;
    latency_sum_ms: number;
    healthy: number | null;
    total: number | null;
    cpu_percent: number | null;
    memory_percent: number | null;
  }>(
    `SELECT floor(extract(epoch FROM minute) * 1000 / $3::float8) * $3::float8 AS at, sum(requests)::bigint AS requests, sum(errors)::bigint AS errors,
       sum(timed)::bigint AS timed, sum(latency_sum_ms) AS latency_sum_ms, ${last('healthy')} AS healthy, ${last('total')} AS total,
       ${last('cpu_percent')} AS cpu_percent, ${last('memory_percent')} AS memory_percent
     FROM health.buckets WHERE set_id = $1 AND minute >= $2 GROUP BY 1 ORDER BY 1`,
    [setId, new Date(from), stepMs],
  );
  return rows.map((row) => ({
    at: Number(row.at),
    requests: Number(row.requests),
    errors: Number(row.errors),
    timed: Number(row.timed),
    latencySumMs: row.latency_sum_ms,
    healthy: row.healthy,
    total: row.total,
    cpuPercent: row.cpu_percent,
    memoryPercent: row.memory_percent,
  }));
}

/** What was last known before a window begins. */
export async function levelsBefore(
  tx: Transaction,
  setId: string,
  before: number,
): Promise<Pick<StepRow, 'healthy' | 'total' | 'cpuPercent' | 'memoryPercent'> | undefined> {
  const one = (column: string) =>
    `(SELECT ${column} FROM health.buckets WHERE set_id = $1 AND minute < $2 AND ${column} IS NOT NULL ORDER BY minute DESC LIMIT 1)`;
  const row = await tx.one<{
    known: boolean;
    healthy: number | null;
    total: number | null;
    cpu_percent: number | null;
    memory_percent: number | null;
  }>(
    `SELECT EXISTS (SELECT FROM health.buckets WHERE set_id = $1 AND minute < $2) AS known, ${one('healthy')} AS healthy, ${one('total')} AS total,
       ${one('cpu_percent')} AS cpu_percent, ${one('memory_percent')} AS memory_percent`,
    [setId, new Date(before)],
  );
  return row?.known
    ? {
        healthy: row.healthy,
        total: row.total,
        cpuPercent: row.cpu_percent,
        memoryPercent: row.memory_percent,
      }
    : undefined;
}

/** Drops what is older; answers how many, so that a long past goes in small transactions. */
export const removeBucketsBefore = (tx: Transaction, before: number, most: number): Promise<number> =>
  tx.run(
    'DELETE FROM health.buckets WHERE (set_id, minute) IN (SELECT set_id, minute FROM health.buckets WHERE minute < $1 LIMIT $2)',
    [new Date(before), most],
  );

import type { ServiceDatabase } from '@switchyard/database';
import type { LimitAnswer, LimitAnswers, LimitChange, LimitStore } from './limit-store.js';

/** The sum of all grants never passes the limit: a row grants what lies between its count and the limit, under its lock. */
const exchangeSql = `
  WITH asked AS MATERIALIZED (
    SELECT place, key, budget, amount, given_to,
      (floor(extract(epoch FROM statement_timestamp()) / seconds)::bigint + 1) * seconds AS ends_at
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
      WITH ORDINALITY AS a(key, seconds, budget, amount, given_to, place)
  ), changed AS (
    INSERT INTO gateway.limit_windows AS w (ends_at, key, used, granted, budget)
    SELECT ends_at, key, greatest(least(amount, budget), 0), least(amount, budget), budget FROM asked
    WHERE given_to IS NULL OR given_to = ends_at
    ORDER BY key
    ON CONFLICT (ends_at, key) DO UPDATE SET
      used = greatest(least(w.used + excluded.granted, greatest(w.used, excluded.budget)), 0),
      granted = greatest(least(w.used + excluded.granted, greatest(w.used, excluded.budget)), 0) - w.used,
      budget = excluded.budget
    WHERE excluded.granted < 0 OR w.used < excluded.budget
    RETURNING key, used, granted
  )
  SELECT asked.ends_at::float8 AS "endsAt", coalesce(changed.granted, 0)::float8 AS granted,
    coalesce(changed.used, asked.budget)::float8 AS used,
    extract(epoch FROM statement_timestamp())::float8 * 1000 AS now
  FROM asked LEFT JOIN changed USING (key) ORDER BY place`;

/** Rows stay this long after their window: no statement that still names the window can be under way by then. */
const keptSeconds = 60;
const pruneEveryMs = 60_000;
const pruneBatch = 1_000;
const pruneSql = `
  DELETE FROM gateway.limit_windows WHERE (ends_at, key) IN (
    SELECT ends_at, key FROM gateway.limit_windows
    WHERE ends_at < extract(epoch FROM statement_timestamp()) - ${keptSeconds}
    ORDER BY ends_at, key LIMIT ${pruneBatch} FOR UPDATE SKIP LOCKED)`;

export class PostgresLimitStore implements LimitStore {
  private prunedAt = 0;

  constructor(private readonly database: ServiceDatabase) {}

  async exchange(changes: readonly LimitChange[]): Promise<LimitAnswers> {
    const columns = [
      changes.map((change) => change.key),
      changes.map((change) => change.windowSeconds),
      changes.map((change) => change.limit),
      changes.map((change) => change.amount),
      changes.map((change) => change.window),
    ];
    const rows = await this.database.withPlatform('limits', (tx) => {
      // Not awaited, it travels along: who waits for a lock is told so before the gateway stops waiting for an answer.
      tx.run("SET LOCAL lock_timeout = '900ms'").catch(() => undefined);
      return tx.query<LimitAnswer & { now: number }>(exchangeSql, columns);
    });
    const now = rows[0]?.now ?? 0;
    this.pruneOnceA(now - (now % pruneEveryMs));
    return { now, answers: rows };
  }

  /** Beside the requests; what fails now is tried again in the next minute. */
  private pruneOnceA(minute: number): void {
    if (minute <= this.prunedAt) return;
    this.prunedAt = minute;
    this.prune().catch(() => undefined);
  }

  private async prune(): Promise<void> {
    for (;;) {
      const gone = await this.database.withPlatform('limits', (tx) => tx.run(pruneSql));
      if (gone < pruneBatch) return;
    }
  }
}

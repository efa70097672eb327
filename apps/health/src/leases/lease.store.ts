import type { Transaction } from '@switchyard/database';
import { partitions } from './partition-of.js';

/** Says that the worker lives, until then; answers how many do. Those that ended are forgotten. */
export async function renewWorker(tx: Transaction, worker: string, lifeMs: number): Promise<number> {
  await tx.run('DELETE FROM health.workers WHERE until < clock_timestamp() AND worker <> $1', [worker]);
  await tx.run(
    `INSERT INTO health.workers (worker, until) VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
     ON CONFLICT (worker) DO UPDATE SET until = excluded.until`,
    [worker, lifeMs],
  );
  const live = await tx.one<{ n: number }>('SELECT count(*)::int AS n FROM health.workers');
  return live?.n ?? 1;
}

/** Which partitions the worker holds, and which nobody does that lives. */
export async function readLeases(
  tx: Transaction,
  worker: string,
): Promise<{ mine: number[]; free: number[] }> {
  const rows = await tx.query<{ partition: number; holder: string }>(
    `SELECT l.partition, l.holder FROM health.leases l JOIN health.workers w ON w.worker = l.holder
     WHERE w.until > clock_timestamp() ORDER BY 1`,
  );
  const held = new Map(rows.map(({ partition, holder }) => [partition, holder]));
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return {
    mine: all.filter((partition) => held.get(partition) === worker),
    free: all.filter((partition) => !held.has(partition)),
  };
}

/** Of two that take the same at once, the later gets nothing. */
export async function takeLeases(
  tx: Transaction,
  worker: string,
  wanted: readonly number[],
): Promise<number[]> {
  const taken = await tx.query<{ partition: number }>(
    `INSERT INTO health.leases AS l (partition, holder) SELECT p, $1 FROM unnest($2::int[]) AS p ORDER BY p
     ON CONFLICT (partition) DO UPDATE SET holder = excluded.holder
     WHERE NOT EXISTS (SELECT FROM health.workers w WHERE w.worker = l.holder AND w.until > clock_timestamp())
     RETURNING partition`,
    [worker, wanted],
  );
  return taken.map(({ partition }) => partition);
}

export const releaseLeases = (tx: Transaction, worker: string, given: readonly number[]): Promise<number> =>
  tx.run('DELETE FROM health.leases WHERE holder = $1 AND partition = ANY($2)', [worker, given]);

/** An orderly end: others need not wait for its time to be over. */
export async function removeWorker(tx: Transaction, worker: string): Promise<void> {
  await tx.run('DELETE FROM health.leases WHERE holder = $1', [worker]);
  await tx.run('DELETE FROM health.workers WHERE worker = $1', [worker]);
}

import type { Transaction } from '@switchyard/database';
import type { DomainEvent } from '../event.js';
import type { Lease } from './group-leases.js';

export interface LoggedEvent {
  readonly partition: number;
  readonly loggedAt: string;
  readonly event: DomainEvent;
}

interface LogRow {
  partition: number;
  epoch: string;
  seq: string;
  logged_at: string;
  id: string;
  type: string;
  version: number;
  source: string;
  tenant: string | null;
  key: string;
  time: Date;
  traceparent: string | null;
  data: unknown;
}

/**
 * What comes after each cursor, in one round trip. The cursor's time leaves out partitions of the log that lie
 * before it. `types`: only these carry their data, the others are there to be passed over.
 */
const query = `
  SELECT p.partition, l.epoch, l.seq, l.logged_at::text, l.id, l.type, l.version, l.source, l.tenant, l.key, l.time, l.traceparent,
         CASE WHEN $6::text[] IS NULL OR l.type = ANY($6::text[]) THEN l.data END AS data
  FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::timestamptz[]) AS p (partition, epoch, seq, logged_at)
  CROSS JOIN LATERAL (
    SELECT * FROM events.log l
    WHERE l.partition = p.partition AND (l.epoch, l.seq) > (p.epoch, p.seq) AND l.logged_at >= p.logged_at
    ORDER BY l.epoch, l.seq LIMIT $5
  ) l`;

export async function readLog(
  tx: Transaction,
  leases: readonly Lease[],
  limit: number,
  types: readonly string[] | null,
): Promise<LoggedEvent[]> {
  const rows = await tx.query<LogRow>(query, [
    leases.map((lease) => lease.partition),
    leases.map((lease) => lease.cursor.epoch),
    leases.map((lease) => lease.cursor.seq),
    leases.map((lease) => lease.cursor.loggedAt),
    limit,
    types,
  ]);
  return rows.map(({ partition, logged_at, epoch, seq, time, ...rest }) => ({
    partition,
    loggedAt: logged_at,
    event: { ...rest, epoch: Number(epoch), seq: Number(seq), time: time.toISOString() },
  }));
}

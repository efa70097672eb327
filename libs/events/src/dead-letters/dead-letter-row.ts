import type { DomainEvent } from '../event.js';

export interface DeadLetterRow {
  id: string;
  group_name: string;
  event_id: string;
  epoch: string;
  seq: string;
  type: string;
  version: number;
  source: string;
  tenant: string | null;
  key: string;
  time: Date;
  traceparent: string | null;
  data: unknown;
  error: string;
  attempts: number;
  status: 'Dead' | 'Replaying';
  failed_at: Date;
}

export const eventOf = (row: DeadLetterRow): DomainEvent => ({
  id: row.event_id,
  type: row.type,
  version: row.version,
  source: row.source,
  tenant: row.tenant,
  key: row.key,
  time: row.time.toISOString(),
  traceparent: row.traceparent,
  epoch: Number(row.epoch),
  seq: Number(row.seq),
  data: row.data,
});

import type { Transaction } from '@switchyard/database';

/** Where an event stands in the log. Ordered by epoch, then seq; never given twice. */
export interface LogPosition {
  readonly epoch: number;
  readonly seq: number;
}

/** An event as handlers get it. */
export interface DomainEvent<Data = unknown> extends LogPosition {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** The service that published it. */
  readonly source: string;
  /** Null for events of the platform itself. */
  readonly tenant: string | null;
  readonly key: string;
  /** ISO 8601. */
  readonly time: string;
  readonly traceparent: string | null;
  readonly data: Data;
}

export interface EventContext {
  /** What is written here is committed together with the note that the event was handled. Dead once the handler returned. */
  readonly tx: Transaction;
  readonly group: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

export type EventHandler<Data = unknown> = (
  event: DomainEvent<Data>,
  context: EventContext,
) => Promise<void> | void;

export const isAfter = (a: LogPosition, b: LogPosition): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);

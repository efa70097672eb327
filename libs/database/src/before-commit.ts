import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceName } from './identifiers.js';
import type { Transaction } from './transaction.js';

/** Something that must be written exactly when other writes are: runs in their transaction, last. */
export type BeforeCommit = (tx: Transaction) => Promise<void>;

/** What a request has written in each of its transactions. */
export interface RequestWrite {
  /** Whose transactions: in one process a request goes on into the code of other services. */
  readonly service: ServiceName;
  /** What a request sets going, and goes on after its answer, is not the request's any more. */
  answered: boolean;
  readonly write: BeforeCommit;
}

export const requestWrites = new AsyncLocalStorage<RequestWrite>();

export async function writeOfRequest(service: ServiceName, tx: Transaction): Promise<void> {
  const request = requestWrites.getStore();
  if (request?.service === service && !request.answered) await request.write(tx);
}

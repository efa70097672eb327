import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceName } from './identifiers.js';
import type { Transaction } from './transaction.js';

/** Something that must be written exactly when a request's own writes are: runs in each of its transactions, last. */
export interface BeforeCommit {
  /** Whose transactions: in one process a request goes on into the code of other services. */
  readonly service: ServiceName;
  /** What a request sets going, and goes on after its answer, is not the request's any more. */
  answered: boolean;
  write(tx: Transaction): Promise<void>;
}

export const beforeCommit = new AsyncLocalStorage<BeforeCommit>();

export async function writeBeforeCommit(service: ServiceName, tx: Transaction): Promise<void> {
  const request = beforeCommit.getStore();
  if (request?.service === service && !request.answered) await request.write(tx);
}

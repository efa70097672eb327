import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceName } from './identifiers.js';
import type { Transaction } from './transaction.js';

/** Something that must be written exactly when other writes are: runs in their transaction, last. */
export type BeforeCommit = (tx: Transaction) => Promise<void>;

/** Of a request: runs in each of its transactions. In one process some of them are other services', which it asks. */
export const beforeCommit = new AsyncLocalStorage<(tx: Transaction, service: ServiceName) => Promise<void>>();

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Transaction } from './transaction.js';

/** Something that must be written exactly when a request's own writes are: runs in each of its transactions, last. */
export type BeforeCommit = (tx: Transaction) => Promise<void>;

export const beforeCommit = new AsyncLocalStorage<BeforeCommit>();

import type { ServiceDatabase, Transaction } from '@switchyard/database';
import type { DomainEvent } from '../event.js';
import { HandlerTimeout } from './failure.js';
import { HandlerTransaction } from './handler-transaction.js';
import type { HandlerSet } from './handler-set.js';
import type { Semaphore } from './semaphore.js';

/** Notes in the handler's own transaction that the event is dealt with. `false`: it was already, there is nothing to do. */
export type Claim = (tx: Transaction) => Promise<boolean>;

export interface HandlingOptions {
  database: ServiceDatabase;
  handlers: HandlerSet;
  /** Shorter than the database's idle_in_transaction_session_timeout. */
  handlerTimeoutMs: number;
  /** Bounds how many transactions run at once, below the size of the pool. */
  slots: Semaphore;
}

/** One event, one transaction: the claim, then the handlers. True when they ran, false when the event was a duplicate. */
export async function handleEvent(
  options: HandlingOptions,
  event: DomainEvent,
  attempt: number,
  claim: Claim,
): Promise<boolean> {
  const { database, handlers, handlerTimeoutMs, slots } = options;
  const { tenant } = event;
  const work = async (tx: Transaction): Promise<boolean> => {
    if (!(await claim(tx))) return false;
    const own = new HandlerTransaction(tx);
    try {
      await within(handlerTimeoutMs, handlers.run(event, { tx: own, group: handlers.group, attempt }));
    } finally {
      own.end();
    }
    return true;
  };
  return await slots.use(() =>
    tenant === null ? database.withPlatform('event', work) : database.withTenant(tenant, work),
  );
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new HandlerTimeout(milliseconds)), milliseconds);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

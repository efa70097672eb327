import type { Transaction } from '@switchyard/database';
import type { Clock } from '../clock.js';
import type { DomainEvent } from '../event.js';
import type { EventCounters } from '../stats/event-counters.js';
import type { EventLogger } from '../event-logger.js';
import { retryDelay, type RetryPolicy } from '../retry-delay.js';
import type { StopSignal } from '../stop-signal.js';
import { insertDeadLetter } from '../dead-letters/insert-dead-letter.js';
import { isInfrastructureFailure, LeaseLost, textOf, UnreadableEvent } from './failure.js';
import { handleEvent, type Claim, type HandlingOptions } from './handle-event.js';

export interface DeliveryOptions extends HandlingOptions {
  retries: RetryPolicy;
  clock: Clock;
  logger: EventLogger;
  counters: EventCounters;
  stop: StopSignal;
}

export interface Delivery {
  claim: Claim;
  /** Failures that other replicas counted before. */
  failedBefore: number;
  noteFailure?: (attempts: number, error: string) => Promise<void>;
}

/**
 * Handles the event or puts it aside; returns only when one of both is committed. Throws LeaseLost when the partition
 * went to somebody else, and `stopped` when we are told to stop before: the event is then delivered again.
 */
export async function deliver(
  options: DeliveryOptions,
  event: DomainEvent,
  delivery: Delivery,
): Promise<void> {
  const { handlers, retries, clock, logger, counters, stop } = options;
  const about = {
    group: handlers.group,
    event: event.id,
    type: event.type,
    epoch: event.epoch,
    seq: event.seq,
  };
  let failures = delivery.failedBefore;
  for (let interruptions = 0; ;) {
    if (stop.stopped) throw new LeaseLost('stopping');
    try {
      const ran = await handleEvent(options, event, failures + 1, delivery.claim);
      counters.count(handlers.group, ran ? 'handled' : 'duplicates');
      return;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      if (isInfrastructureFailure(error)) {
        interruptions += 1;
        counters.count(handlers.group, 'interruptions');
        logger.warn({ ...about, err: error, interruptions }, 'event handling was interrupted');
        await stop.pause(retryDelay(retries, interruptions, clock.random()));
        continue;
      }
      failures += 1;
      counters.count(handlers.group, 'retries');
      const final = failures >= retries.maxAttempts || error instanceof UnreadableEvent;
      logger[final ? 'error' : 'warn'](
        { ...about, err: error, failures },
        final ? 'event became a dead letter' : 'event handler failed',
      );
      if (final) {
        await setAside(options, event, delivery.claim, textOf(error), failures);
        return;
      }
      await delivery.noteFailure?.(failures, textOf(error)).catch(() => undefined);
      await stop.pause(retryDelay(retries, failures, clock.random()));
    }
  }
}

async function setAside(
  options: DeliveryOptions,
  event: DomainEvent,
  claim: Claim,
  error: string,
  attempts: number,
): Promise<void> {
  const { database, handlers, retries, clock, logger, counters, stop } = options;
  const work = async (tx: Transaction): Promise<void> => {
    if (await claim(tx)) await insertDeadLetter(tx, handlers.group, event, error, attempts);
  };
  for (let tries = 1; ; tries += 1) {
    try {
      await database.withPlatform('event-dead-letter', work);
      counters.count(handlers.group, 'deadLetters');
      return;
    } catch (failure) {
      if (failure instanceof LeaseLost) throw failure;
      logger.warn(
        { group: handlers.group, event: event.id, err: failure },
        'a dead letter could not be written yet',
      );
      await stop.pause(retryDelay(retries, tries, clock.random()));
      if (stop.stopped) throw new LeaseLost('stopping');
    }
  }
}

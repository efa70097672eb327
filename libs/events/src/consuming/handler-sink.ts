import type { Lease } from './group-leases.js';
import type { PartitionSink } from './group-consumer.js';
import { advanceCursor, claimFromLog, noteFailure } from './claim-from-log.js';
import { deliver, type DeliveryOptions } from './deliver.js';
import type { LoggedEvent } from './read-log.js';
import { LeaseLost } from './failure.js';

export interface HandlerSinkOptions extends DeliveryOptions {
  leaseMs: number;
}

/** Handles a partition's events one after the other, a transaction each. */
export const handlerSink = (options: HandlerSinkOptions): PartitionSink => {
  const { database, handlers, leaseMs } = options;
  const group = handlers.group;

  const handle = async (lease: Lease, logged: LoggedEvent): Promise<void> => {
    const { event } = logged;
    await deliver(options, event, {
      claim: (tx) => claimFromLog(tx, group, lease, logged, leaseMs),
      failedBefore: lease.failing === event.id ? lease.attempts : 0,
      noteFailure: (attempts, error) =>
        database.withPlatform('event-failure', (tx) =>
          noteFailure(tx, group, lease, event.id, attempts, error),
        ),
    });
  };

  return async (lease, events, stop) => {
    let passedOver: LoggedEvent | undefined;
    for (const logged of events) {
      if (stop.stopped) throw new LeaseLost('stopping');
      passedOver = handlers.knows(logged.event.type) ? undefined : logged;
      if (passedOver) continue;
      await handle(lease, logged);
      lease.cursor = { epoch: logged.event.epoch, seq: logged.event.seq, loggedAt: logged.loggedAt };
    }
    const last = passedOver;
    if (!last) return;
    await database.withPlatform('event-read', (tx) => advanceCursor(tx, group, lease, last, leaseMs));
    lease.cursor = { epoch: last.event.epoch, seq: last.event.seq, loggedAt: last.loggedAt };
  };
};

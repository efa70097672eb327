import type { Transaction } from '@switchyard/database';
import type { DeliveryOptions } from '../consuming/deliver.js';
import { isInfrastructureFailure, textOf } from '../consuming/failure.js';
import { handleEvent } from '../consuming/handle-event.js';
import { retryDelay } from '../retry-delay.js';
import { WakeSignal } from '../wake-signal.js';
import { eventOf, type DeadLetterRow } from './dead-letter-row.js';

/**
 * Handles again what an administrator asked for. The dead letter holds the event, so it matters not which transport
 * brought it; its row is deleted in the handler's transaction, so it is handled once.
 */
export class ReplayWorker {
  private readonly wake = new WakeSignal();
  private running: Promise<void> | undefined;

  constructor(private readonly options: DeliveryOptions) {}

  start(): void {
    this.options.stop.onStop(() => this.wake.raise());
    this.running = this.run();
  }

  hint(): void {
    this.wake.raise();
  }

  async ended(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    const { stop, clock, logger, handlers } = this.options;
    for (let failures = 0; !stop.stopped;) {
      try {
        const worked = await this.replayNext();
        failures = 0;
        if (!worked) await this.wake.wait(5_000);
      } catch (error) {
        failures += 1;
        logger.warn({ group: handlers.group, err: error }, 'replaying dead letters was interrupted');
        await stop.pause(retryDelay({ firstDelayMs: 50, maxDelayMs: 5_000 }, failures, clock.random()));
      }
    }
  }

  private async replayNext(): Promise<boolean> {
    const { database, handlers } = this.options;
    const row = await database.withPlatform('event-replay', (tx) =>
      tx.one<DeadLetterRow>(
        "SELECT * FROM events.dead_letters WHERE group_name = $1 AND status = 'Replaying' ORDER BY id LIMIT 1",
        [handlers.group],
      ),
    );
    if (!row) return false;
    await this.replay(row);
    return true;
  }

  private async replay(row: DeadLetterRow): Promise<void> {
    const { handlers, counters, logger } = this.options;
    // Another replica at the same row makes us wait here, and then find nothing.
    const claim = async (tx: Transaction): Promise<boolean> =>
      (await tx.run("DELETE FROM events.dead_letters WHERE id = $1 AND status = 'Replaying'", [row.id])) ===
      1;
    try {
      if (await handleEvent(this.options, eventOf(row), row.attempts + 1, claim))
        counters.count(handlers.group, 'replayed');
    } catch (error) {
      if (isInfrastructureFailure(error)) throw error;
      logger.error(
        { group: handlers.group, deadLetter: row.id, event: row.event_id, err: error },
        'the replay of a dead letter failed',
      );
      await this.putBack(row, textOf(error));
    }
  }

  private async putBack(row: DeadLetterRow, error: string): Promise<void> {
    await this.options.database.withPlatform('event-replay', (tx) =>
      tx.run(
        "UPDATE events.dead_letters SET status = 'Dead', error = $2, attempts = attempts + 1, failed_at = clock_timestamp() WHERE id = $1 AND status = 'Replaying'",
        [row.id, error],
      ),
    );
  }
}

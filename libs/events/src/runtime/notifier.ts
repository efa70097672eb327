import type { ServiceDatabase } from '@switchyard/database';
import type { StopSignal } from '../stop-signal.js';
import { WakeSignal } from '../wake-signal.js';

/**
 * Tells other processes what this one committed: one NOTIFY for many hints, in a transaction of its own (a commit with
 * NOTIFY takes a lock of the whole database). A lost one costs a poll's delay.
 */
export class Notifier {
  private readonly pending = new Set<string>();
  private readonly wake = new WakeSignal();
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: ServiceDatabase,
    private readonly stop: StopSignal,
  ) {}

  start(): void {
    this.stop.onStop(() => this.wake.raise());
    this.running = this.run();
  }

  tell(payload: string): void {
    this.pending.add(payload);
    this.wake.raise();
  }

  async ended(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stop.stopped || this.pending.size > 0) {
      if (this.pending.size === 0) await this.wake.wait(60_000);
      const payloads = [...this.pending];
      this.pending.clear();
      if (payloads.length === 0) continue;
      const sql = "SELECT pg_notify('switchyard_events', p) FROM unnest($1::text[]) p";
      await this.database
        .withPlatform('event-notify', (tx) => tx.run(sql, [payloads]))
        .catch(() => undefined);
      await this.stop.pause(5);
    }
  }
}

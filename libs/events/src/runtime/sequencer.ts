import type { ServiceDatabase } from '@switchyard/database';
import type { Clock } from '../clock.js';
import type { EventLogger } from '../event-logger.js';
import { localHints } from '../local-hints.js';
import { retryDelay } from '../retry-delay.js';
import type { StopSignal } from '../stop-signal.js';
import { WakeSignal } from '../wake-signal.js';

export interface SequencerOptions {
  database: ServiceDatabase;
  name: string;
  leaseMs: number;
  /** A breath between two rounds, in which publications gather. */
  lingerMs: number;
  batchSize: number;
  clock: Clock;
  logger: EventLogger;
}

/**
 * Moves committed events from the outbox to the log. Whoever published does it at once, without asking who leads; the
 * leader also looks by itself, for what a process left that died between its commit and its hint.
 */
export class Sequencer {
  private readonly wake = new WakeSignal();
  private running: Promise<void> | undefined;
  private idle = 20;
  private failures = 0;

  constructor(
    private readonly options: SequencerOptions,
    private readonly stop: StopSignal,
  ) {}

  start(): void {
    this.stop.onStop(() => this.wake.raise());
    this.running = this.run();
  }

  hint(): void {
    this.wake.raise();
  }

  async ended(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    let hinted = false;
    while (!this.stop.stopped) {
      try {
        const { leads, moved } = await this.round(hinted);
        this.failures = 0;
        if (moved > 0) localHints.give('log');
        this.idle = moved > 0 ? 20 : Math.min(1_000, this.idle * 2);
        if (moved > 0) await this.stop.pause(this.options.lingerMs);
        const full = moved >= this.options.batchSize;
        hinted = full || (await this.wake.wait(leads ? this.idle : this.options.leaseMs / 2));
      } catch (error) {
        this.failures += 1;
        const delay = retryDelay(
          { firstDelayMs: 20, maxDelayMs: 1_000 },
          this.failures,
          this.options.clock.random(),
        );
        this.options.logger.warn({ err: error, delay }, 'sequencing events failed');
        await this.stop.pause(delay);
        hinted = true;
      }
    }
  }

  private async round(hinted: boolean): Promise<{ leads: boolean; moved: number }> {
    const { database, name, leaseMs, batchSize } = this.options;
    const row = await database.withPlatform('event-sequencer', (tx) =>
      tx.one<{ leads: boolean; moved: number }>(
        "SELECT leads, moved FROM events.sequence($1, $2 * interval '1 ms', $3, $4)",
        [name, leaseMs, hinted, batchSize],
      ),
    );
    return row ?? { leads: false, moved: 0 };
  }
}

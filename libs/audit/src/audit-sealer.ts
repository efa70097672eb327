import type { ServiceDatabase } from '@switchyard/database';
import { sealAudit } from './seal-audit.js';

export interface AuditSealerOptions {
  /** Of the tenants service: no other may seal. */
  database: ServiceDatabase;
  logger: { error(detail: object, message: string): void };
  batch?: number;
  pollMs?: number;
}

const longestBackoff = 30_000;

/** Seals soon after a hint and otherwise about every second. Any number may run: the database lets one work at a time. */
export class AuditSealer {
  private readonly batch: number;
  private readonly pollMs: number;
  private running: Promise<void> | undefined;
  private stopped = false;
  private hinted = false;
  private failures = 0;
  private wake: (() => void) | undefined;

  constructor(private readonly options: AuditSealerOptions) {
    this.batch = options.batch ?? 500;
    this.pollMs = options.pollMs ?? 1_000;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    await this.running;
  }

  /** Something was recorded: look now. */
  hint(): void {
    this.hinted = true;
    // While the database fails, hints do not shorten the wait.
    if (this.failures === 0) this.wake?.();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const wait = await this.round();
      if (wait > 0) await this.pause(wait);
    }
  }

  /** Answers how long to wait before the next one. */
  private async round(): Promise<number> {
    this.hinted = false;
    try {
      const sealed = await this.options.database.withPlatform('seal the audit log', (tx) =>
        sealAudit(tx, { batch: this.batch }),
      );
      this.failures = 0;
      return sealed === this.batch || this.hinted ? 0 : this.pollMs;
    } catch (error) {
      this.failures += 1;
      const delay = Math.min(longestBackoff, this.pollMs * 2 ** Math.min(this.failures - 1, 10));
      this.options.logger.error(
        { err: error, delay },
        'sealing the audit log failed and will be tried again',
      );
      return delay;
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }
}

import type { Logger } from '@switchyard/observability';

const retryMs = 500;

/** Works through what is added, together what came together; each thing is worked on once however often it was added. */
export class WorkQueue<T> {
  private readonly waiting = new Set<T>();
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly atOnce: number,
    private readonly work: (items: readonly T[]) => Promise<void>,
    private readonly logger: Logger,
    private readonly name: string,
  ) {}

  add(items: readonly T[]): void {
    if (this.stopped) return;
    for (const item of items) this.waiting.add(item);
    if (this.timer === undefined) this.begin();
  }

  /** Ends what runs; what waits is found again by whoever comes next. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private begin(): void {
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  private async run(): Promise<void> {
    while (this.waiting.size > 0 && !this.stopped) {
      const items = [...this.waiting].slice(0, this.atOnce);
      for (const item of items) this.waiting.delete(item);
      try {
        await this.work(items);
      } catch (error) {
        this.logger.warn({ err: error }, `${this.name} failed; it is tried again`);
        for (const item of items) this.waiting.add(item);
        this.timer = setTimeout(() => {
          this.timer = undefined;
          this.begin();
        }, retryMs).unref();
        return;
      }
    }
  }
}

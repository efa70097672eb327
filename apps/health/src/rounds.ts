import type { Logger } from '@switchyard/observability';

export interface Round {
  name: string;
  everyMs: number;
  work: () => Promise<void>;
}

/** What is done again and again, each beside the others and never twice at once. */
export class Rounds {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Map<Round, Promise<void>>();

  constructor(
    private readonly logger: Logger,
    private readonly rounds: readonly Round[],
  ) {}

  start(): void {
    for (const round of this.rounds)
      this.timers.push(setInterval(() => this.begin(round), round.everyMs).unref());
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.running.values());
  }

  private begin(round: Round): void {
    if (this.running.has(round)) return;
    const work = round
      .work()
      .catch((error: unknown) => this.logger.warn({ err: error }, `${round.name} failed; it is tried again`))
      .finally(() => this.running.delete(round));
    this.running.set(round, work);
  }
}

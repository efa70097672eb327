import type { Client } from '../../support/client.js';

/** Requests that never stop while something is moved beneath them, and what became of each. */
export class Traffic {
  /** How often each text was answered. */
  readonly answered = new Map<string, number>();
  /** What no version had answered. */
  readonly lost: string[] = [];
  private stopping = false;
  private readonly callers: Promise<void>[];

  constructor(
    private readonly client: Client,
    private readonly path: string,
    callers = 3,
  ) {
    this.callers = Array.from({ length: callers }, () => this.call());
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.callers);
  }

  private async call(): Promise<void> {
    while (!this.stopping) {
      try {
        const { body, status, text } = await this.client.get(this.path);
        const said = (body as { text?: string } | undefined)?.text;
        if (said === undefined) this.lost.push(`${status} ${text}`);
        else this.answered.set(said, (this.answered.get(said) ?? 0) + 1);
      } catch (error) {
        this.lost.push((error as Error).message);
      }
    }
  }
}

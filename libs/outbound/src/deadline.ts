import { OutboundFailedError } from './outbound-failed-error.js';

/** One for a request with all its redirects and its body, so that a server cannot live on many short waits. */
export class Deadline {
  readonly timeoutMs: number;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#timer = setTimeout(() => this.#over.abort(), timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** For what cannot be stopped: nobody waits for it any longer. */
  async race<T>(work: Promise<T>, host: string): Promise<T> {
    const over = new Promise<never>((_resolve, reject) => {
      const end = (): void => reject(new OutboundFailedError('timeout', host));
      if (this.isOver) end();
      this.signal.addEventListener('abort', end, { once: true });
    });
    return Promise.race([work, over]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

import type { ServerResponse } from 'node:http';
import type { Identity } from '@switchyard/auth';
import { AppError } from '@switchyard/errors';

export interface OpenStreamsOptions {
  readonly mostPerCaller: number;
  readonly clock: () => number;
  /** How often it is asked whether callers still may. */
  readonly everyMs?: number;
  /** How long somebody who reads nothing keeps what was said last. */
  readonly graceMs?: number;
}

export interface Streaming {
  readonly response: ServerResponse;
  readonly identity: Identity;
  /** Whether the caller could ask the same again now. */
  readonly mayGoOn: () => boolean | Promise<boolean>;
}

/**
 * Answers that go on for as long as their callers listen: none longer than its caller may ask for it. They end as if all were
 * said, and who asks again is told why not.
 */
export class OpenStreams {
  private readonly open = new Set<Streaming>();
  private readonly sweeping: NodeJS.Timeout;

  constructor(private readonly options: OpenStreamsOptions) {
    this.sweeping = setInterval(() => this.sweep(), options.everyMs ?? 1_000);
    this.sweeping.unref();
  }

  /** Refuses one more than a caller may have. */
  begin(streaming: Streaming): AppError | undefined {
    const { mostPerCaller } = this.options;
    const { subject } = streaming.identity;
    const own = [...this.open].filter(({ identity }) => identity.subject === subject);
    if (own.length >= mostPerCaller)
      return new AppError(
        'RATE_LIMIT_EXCEEDED',
        `You have ${mostPerCaller} streams open, and may have no more: end one first`,
        { retryAfter: 5 },
      );
    this.open.add(streaming);
    streaming.response.once('close', () => this.open.delete(streaming));
    return undefined;
  }

  closeAll(): void {
    clearInterval(this.sweeping);
    for (const { response } of this.open) this.end(response);
  }

  private sweep(): void {
    for (const streaming of this.open) {
      const mayGoOn = this.mayGoOn(streaming);
      if (mayGoOn === false) this.end(streaming.response);
      else if (mayGoOn !== true)
        // What could not be found out says nothing of the caller.
        mayGoOn.then((may) => may || this.end(streaming.response)).catch(() => undefined);
    }
  }

  private mayGoOn({ identity, mayGoOn }: Streaming): boolean | Promise<boolean> {
    return identity.expiresAt * 1000 > this.options.clock() && mayGoOn();
  }

  private end(response: ServerResponse): void {
    if (!response.headersSent) {
      response.destroy();
      return;
    }
    if (response.writableEnded) return;
    response.end();
    const cut = (): void => {
      if (!response.writableFinished) response.destroy();
    };
    setTimeout(cut, this.options.graceMs ?? 5_000).unref();
  }
}

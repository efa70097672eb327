import { AppError } from '@switchyard/errors';

export interface TurnLimits {
  /** Under way or waiting, of one caller. */
  perCaller: number;
  inTotal: number;
  longestWaitMs: number;
}

export type InTurn = <T>(step: () => Promise<T>) => Promise<T>;

interface Waiting {
  begin: () => void;
}

/**
 * One at a time, and the callers by turns: whoever asks for much that takes long waits for themselves, and everybody else
 * for one of theirs at most. What would wait too long is refused at once, so that it can be asked again.
 */
export class FairTurns {
  private readonly inside = new Map<string, number>();
  /** In the order in which callers have their next turn. */
  private readonly lines = new Map<string, Waiting[]>();
  private total = 0;
  private taken = false;

  constructor(private readonly limits: TurnLimits) {}

  /** The work counts from its beginning; only what it does in turn waits for others. */
  async admit<T>(caller: string, work: (inTurn: InTurn) => Promise<T>): Promise<T> {
    const own = this.inside.get(caller) ?? 0;
    if (own >= this.limits.perCaller)
      throw busy(`${own} resolutions of yours are under way or wait; ask again when one of them is answered`);
    if (this.total >= this.limits.inTotal) throw busy(`${this.total} resolutions are under way or wait`);
    this.inside.set(caller, own + 1);
    this.total += 1;
    try {
      return await work((step) => this.inTurn(caller, step));
    } finally {
      this.leave(caller);
    }
  }

  private leave(caller: string): void {
    const left = (this.inside.get(caller) ?? 1) - 1;
    if (left > 0) this.inside.set(caller, left);
    else this.inside.delete(caller);
    this.total -= 1;
  }

  private async inTurn<T>(caller: string, step: () => Promise<T>): Promise<T> {
    await this.turnOf(caller);
    try {
      return await step();
    } finally {
      this.next();
    }
  }

  private turnOf(caller: string): Promise<void> {
    if (!this.taken) {
      this.taken = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.remove(caller, waiting);
        reject(busy('Too many resolutions are under way'));
      }, this.limits.longestWaitMs);
      const waiting: Waiting = {
        begin: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.lines.set(caller, [...(this.lines.get(caller) ?? []), waiting]);
    });
  }

  private remove(caller: string, gone: Waiting): void {
    const line = (this.lines.get(caller) ?? []).filter((waiting) => waiting !== gone);
    if (line.length > 0) this.lines.set(caller, line);
    else this.lines.delete(caller);
  }

  private next(): void {
    const [first] = this.lines;
    if (first === undefined) {
      this.taken = false;
      return;
    }
    const [caller, [waiting, ...others]] = first;
    this.lines.delete(caller);
    // To the end of the round.
    if (others.length > 0) this.lines.set(caller, others);
    waiting?.begin();
  }
}

const busy = (message: string): AppError => new AppError('SERVICE_UNAVAILABLE', message, { retryAfter: 5 });

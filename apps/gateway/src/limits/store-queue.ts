import { AppError } from '@switchyard/errors';
import { Batch } from './batch.js';

/** Statements that were given up but not answered; with these many the store is taken for dead until one is. */
const maxAbandoned = 3;

/** One statement under way, and one batch that gathers meanwhile. */
export class StoreQueue {
  gathering = new Batch();
  private running: Promise<void> | undefined;
  private scheduled = false;
  private abandoned = 0;

  constructor(
    private readonly send: (batch: Batch) => Promise<void>,
    private readonly patienceMs: number,
  ) {}

  /** Starts when the current turn of the event loop has said all it wants. */
  flush(): void {
    if (this.scheduled || this.running) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.start();
    });
  }

  async drain(): Promise<void> {
    this.start();
    while (this.running) await this.running;
  }

  private start(): void {
    if (this.running || this.gathering.isEmpty) return;
    const batch = this.gathering;
    this.gathering = new Batch();
    if (this.abandoned >= maxAbandoned) batch.fail(this.unanswered());
    else
      this.running = this.run(batch).then(() => {
        this.running = undefined;
        this.start();
      });
  }

  /** Ends with the statement, or with our patience; a late answer is still used. */
  private run(batch: Batch): Promise<void> {
    return new Promise((done) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        this.abandoned += 1;
        for (const hopeless of [batch, this.gathering]) hopeless.fail(this.unanswered());
        this.gathering = new Batch();
        done();
      }, this.patienceMs);
      const ended = () => {
        clearTimeout(timer);
        if (late) this.abandoned -= 1;
        done();
      };
      this.send(batch)
        .catch((error: unknown) => batch.fail(error))
        .finally(ended);
    });
  }

  private unanswered(): AppError {
    return new AppError('SERVICE_UNAVAILABLE', 'The request limits cannot be checked just now', {
      retryAfter: 1,
      cause: new Error(`the limit store did not answer within ${this.patienceMs} ms`),
    });
  }
}

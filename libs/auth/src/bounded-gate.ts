/** Lets `concurrency` tasks run and at most `waiting` more stand in line; the rest is turned away at once. */
export class BoundedGate {
  #running = 0;
  readonly #line: (() => void)[] = [];

  constructor(
    private readonly concurrency: number,
    private readonly waiting: number,
    private readonly full: () => Error,
  ) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#running < this.concurrency) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#line.length >= this.waiting) return Promise.reject(this.full());
    return new Promise((admit) => this.#line.push(admit));
  }

  /** The place is handed over, not freed: a newcomer cannot slip in before the one who waits. */
  #leave(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

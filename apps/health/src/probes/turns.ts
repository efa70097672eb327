/** So many at once; the others wait in order. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly most: number) {}

  async run(work: () => Promise<void>): Promise<void> {
    while (this.running.size >= this.most)
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    const turn = work().finally(() => {
      this.running.delete(turn);
      this.waiting.shift()?.();
    });
    this.running.add(turn);
    await turn;
  }

  async ended(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }
}

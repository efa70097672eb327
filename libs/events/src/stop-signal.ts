/** Ends waits early when their owner stops. */
export class StopSignal {
  private readonly actions = new Set<() => void>();
  stopped = false;

  stop(): void {
    this.stopped = true;
    for (const action of this.actions) action();
    this.actions.clear();
  }

  /** Returns how to take it back. */
  onStop(action: () => void): () => void {
    if (this.stopped) action();
    else this.actions.add(action);
    return () => this.actions.delete(action);
  }

  async pause(milliseconds: number): Promise<void> {
    if (this.stopped || milliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.actions.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.actions.add(done);
    });
  }
}

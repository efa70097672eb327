/** Somebody waits, others wake: a wake-up that comes before the wait is kept, many at once count as one. */
export class WakeSignal {
  private raised = false;
  private wake: (() => void) | undefined;

  raise(): void {
    this.raised = true;
    this.wake?.();
  }

  /** True when woken, false when the time passed first. */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.raised && milliseconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
    const woken = this.raised;
    this.raised = false;
    return woken;
  }
}

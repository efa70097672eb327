import type { ProcessEntry } from '../system/process-table.js';

interface Sample {
  readonly at: number;
  readonly seconds: number;
}

/** Cores in use over the last few seconds, of processes that come and go. */
export class CpuMeter {
  readonly #windowMs: number;
  readonly #ticksPerSecond: number;
  #last = new Map<string, number>();
  #used = 0;
  #samples: Sample[] = [];

  constructor(windowMs: number, ticksPerSecond: number) {
    this.#windowMs = windowMs;
    this.#ticksPerSecond = ticksPerSecond;
  }

  add(now: number, processes: readonly ProcessEntry[]): void {
    const next = new Map<string, number>();
    for (const { pid, startTicks, cpuTicks } of processes) {
      const key = `${pid}-${startTicks}`;
      this.#used += cpuTicks - (this.#last.get(key) ?? 0);
      next.set(key, cpuTicks);
    }
    this.#last = next;
    this.#samples.push({ at: now, seconds: this.#used / this.#ticksPerSecond });
    while ((this.#samples[1]?.at ?? Infinity) <= now - this.#windowMs) this.#samples.shift();
  }

  get cores(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return Math.max(0, (last.seconds - first.seconds) / ((last.at - first.at) / 1000));
  }

  /** Whether it has watched for a whole window, before which a busy start would look like a habit. */
  get isSure(): boolean {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    return first !== undefined && last !== undefined && last.at - first.at >= this.#windowMs;
  }
}

import type { LocalWindow } from './local-window.js';

/** The windows known here, bounded: those that the store was asked about longest ago go first. */
export class WindowTable {
  private readonly byKey = new Map<string, LocalWindow>();

  constructor(
    private readonly max: number,
    /** Of what is pushed out. */
    private readonly evicted: (window: LocalWindow) => void,
  ) {}

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): LocalWindow | undefined {
    return this.byKey.get(key);
  }

  has(window: LocalWindow): boolean {
    return this.byKey.get(window.key) === window;
  }

  /** As the newest. */
  put(window: LocalWindow): void {
    this.byKey.delete(window.key);
    this.byKey.set(window.key, window);
    while (this.byKey.size > this.max) {
      const [oldest] = this.byKey.values();
      if (!oldest) return;
      this.byKey.delete(oldest.key);
      this.evicted(oldest);
    }
  }

  delete(window: LocalWindow): void {
    if (this.has(window)) this.byKey.delete(window.key);
  }

  values(): IterableIterator<LocalWindow> {
    return this.byKey.values();
  }
}

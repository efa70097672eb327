/**
 * What the store's clock can be showing now. Every answer bounds its distance from ours: the store read it after we
 * asked and before we heard. Both clocks may be set or drift, so bounds that contradict the newest answer are dropped.
 */
export class StoreClock {
  private low = -Infinity;
  private high = Infinity;

  constructor(private readonly clock: () => number) {}

  observe(askedAt: number, storeTime: number): void {
    const low = storeTime - this.clock();
    const high = storeTime - askedAt;
    const consistent = low <= this.high && high >= this.low;
    this.low = consistent ? Math.max(low, this.low) : low;
    this.high = consistent ? Math.min(high, this.high) : high;
  }

  isSurelyPast(seconds: number): boolean {
    return this.clock() + this.low >= seconds * 1000;
  }

  isPerhapsPast(seconds: number): boolean {
    return this.clock() + this.high >= seconds * 1000;
  }
}

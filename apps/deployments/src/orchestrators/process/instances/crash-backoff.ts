export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** How long it waits after so many crashes in a row: twice as long each time. */
export function crashBackoff(crashesInARow: number, { firstMs, mostMs }: Backoff): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(Math.max(crashesInARow, 1) - 1, 30));
}

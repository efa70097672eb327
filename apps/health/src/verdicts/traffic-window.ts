/** What came to a set within one slice of time. */
export interface TrafficSlice {
  /** Epoch milliseconds of its beginning. */
  at: number;
  requests: number;
  errors: number;
  /** Of these a latency is known: streams and upgrades have none. */
  timed: number;
  latencySumMs: number;
}

export type TrafficCounts = Omit<TrafficSlice, 'at'>;

export const sliceMs = 5_000;
export const windowMs = 60_000;

export const noTraffic: TrafficCounts = { requests: 0, errors: 0, timed: 0, latencySumMs: 0 };

const plus = (a: TrafficCounts, b: TrafficCounts): TrafficCounts => ({
  requests: a.requests + b.requests,
  errors: a.errors + b.errors,
  timed: a.timed + b.timed,
  latencySumMs: a.latencySumMs + b.latencySumMs,
});

const isRecent = ({ at }: TrafficSlice, now: number): boolean => at > now - windowMs && at <= now;

/** The slices of the last minute with these counts in the newest. A clock that went back forgets what lies ahead of it. */
export function withTraffic(
  slices: readonly TrafficSlice[],
  now: number,
  counts: TrafficCounts,
): TrafficSlice[] {
  const at = Math.floor(now / sliceMs) * sliceMs;
  const kept = slices.filter((slice) => isRecent(slice, now));
  const current = kept.find((slice) => slice.at === at) ?? { at, ...noTraffic };
  return [...kept.filter((slice) => slice !== current), { at, ...plus(current, counts) }];
}

export const trafficOfLastMinute = (slices: readonly TrafficSlice[], now: number): TrafficCounts =>
  slices.filter((slice) => isRecent(slice, now)).reduce<TrafficCounts>(plus, noTraffic);

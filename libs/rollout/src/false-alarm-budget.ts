/** At most so many of all rollouts of a good version are taken back by statistics, whatever they look like. */
export const MOST_FALSE_ALARMS = 0.01;

/** Error rate and response time, each against its threshold and against stable. */
const TESTS = 4;

/** What rounds that nobody planned (a person resumed, and the evidence began anew) share among all of them. */
const UNPLANNED = 0.1;

/**
 * The evidence that a test needs in a round, as a logarithm. Planned rounds share nine tenths of the false alarms evenly, the
 * others a series that sums to one tenth; by Bonferroni the whole rollout has at most `MOST_FALSE_ALARMS`.
 */
export function evidenceNeeded(round: number, plannedRounds: number): number {
  const extra = round - plannedRounds;
  const share =
    extra <= 0 ? (1 - UNPLANNED) / plannedRounds : (UNPLANNED * 6) / (Math.PI * Math.PI * extra * extra);
  return -Math.log((MOST_FALSE_ALARMS * share) / TESTS);
}

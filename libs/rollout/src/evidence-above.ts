/** By how much the odds may be worse: what is weighed against the null, each with the same weight. */
const ODDS = [1.2, 1.5, 2, 3, 5, 10, 30, 100];

/**
 * The logarithm of the evidence that more than the share `limit` of all requests is `bad`, after so many of `requests` were:
 * a likelihood ratio, mixed over alternatives. While the true share is at most `limit` it is a supermartingale that starts at
 * one, so the chance that it ever reaches 1/a is at most a, however often and whenever it is looked at (Ville).
 */
export function evidenceAbove(bad: number, requests: number, limit: number): number {
  if (limit >= 1) return 0;
  const share = Math.max(limit, 1e-6);
  return logMean(ODDS.map((odds) => bad * Math.log(odds) - requests * Math.log1p((odds - 1) * share)));
}

/** The logarithm of the mean of what these are the logarithms of. */
export function logMean(logs: readonly number[]): number {
  const highest = Math.max(...logs);
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0) / logs.length);
}

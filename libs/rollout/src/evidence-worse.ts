import { logBeta } from './log-gamma.js';

export interface Count {
  readonly bad: number;
  readonly requests: number;
}

/** The candidate may be so much worse than stable before anybody minds: `share <= ratio * stable + surplus`. */
export interface Tolerance {
  readonly ratio: number;
  readonly surplus: number;
}

/**
 * The logarithm of the evidence that the candidate is worse than stable by more than is tolerated. Both true shares are
 * unknown: what a Beta(1/2, 1/2) mixture makes of both counts is divided by the best that any pair of tolerated shares makes
 * of them. For the true pair, if it is tolerated, the quotient is at most a martingale that starts at one; so Ville's bound
 * holds as it does for `evidenceAbove` (Wasserman, Ramdas, Balakrishnan: Universal inference, 2020).
 */
export function evidenceWorse(candidate: Count, stable: Count, tolerance: Tolerance): number {
  if (candidate.requests === 0 || stable.requests === 0) return -Infinity;
  const tolerated = tolerance.ratio * (stable.bad / stable.requests) + tolerance.surplus;
  // The best pair would be the measured one: the quotient is at most one, and nobody asks by how much.
  if (candidate.bad / candidate.requests <= tolerated) return -Infinity;
  return mixed(candidate) + mixed(stable) - bestTolerated(candidate, stable, tolerance);
}

const mixed = ({ bad, requests }: Count): number =>
  logBeta(bad + 0.5, requests - bad + 0.5) - logBeta(0.5, 0.5);

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** On the border of what is tolerated, where the likelihood is concave in stable's share. */
function bestTolerated(candidate: Count, stable: Count, { ratio, surplus }: Tolerance): number {
  const at = (share: number) =>
    logLikelihood(candidate, Math.min(1, ratio * share + surplus)) + logLikelihood(stable, share);
  let low = 0;
  let high = Math.min(1, (1 - surplus) / ratio);
  for (let round = 0; round < 60 && high - low > 1e-10; round += 1) {
    const left = high - GOLDEN * (high - low);
    const right = low + GOLDEN * (high - low);
    if (at(left) < at(right)) low = left;
    else high = right;
  }
  return Math.max(at(low), at((low + high) / 2), at(high));
}

const logLikelihood = ({ bad, requests }: Count, share: number): number =>
  times(bad, Math.log(share)) + times(requests - bad, Math.log1p(-share));

const times = (count: number, log: number): number => (count === 0 ? 0 : count * log);

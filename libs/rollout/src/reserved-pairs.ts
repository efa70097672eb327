import { stagePlan, type Sizes } from './stage-plan.js';
import type { StrategyConfig } from './strategy-config.js';

/** So many instances of both run side by side. */
export interface Pair {
  readonly candidate: number;
  readonly stable: number;
}

/**
 * The most that runs in each stage: quotas have room for every one of these before a deployment starts. They are pairs and no sum, because
 * an instance of the candidate may need more than one of stable, or less.
 */
export function reservedPairs(config: StrategyConfig, sizes: Sizes): readonly Pair[] {
  const stages = stagePlan(config, sizes);
  return stages.map(({ candidate }, at) => ({ candidate, stable: stages[at - 1]?.stable ?? sizes.stable }));
}

/** How many of stable are reserved beside so many of the candidate. */
export const stableBeside = (pairs: readonly Pair[], candidates: number): number =>
  pairs.find(({ candidate }) => candidate >= candidates)?.stable ?? 0;

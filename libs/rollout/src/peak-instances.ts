import { stagePlan, type Sizes } from './stage-plan.js';
import type { StrategyConfig } from './strategy-config.js';

/** Most instances that run at once: what a quota has to have room for before the deployment starts. */
export function peakInstances(config: StrategyConfig, sizes: Sizes): number {
  let stable = sizes.stable;
  let peak = stable;
  for (const stage of stagePlan(config, sizes)) {
    peak = Math.max(peak, stage.candidate + stable);
    stable = stage.stable;
  }
  return peak;
}

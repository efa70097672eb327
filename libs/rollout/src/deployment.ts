import type { RolloutState } from './rollout-state.js';
import type { StrategyConfig } from './strategy-config.js';

/** What the engine knows of a deployment: desired state as accepted, and how far it came. */
export interface Deployment {
  readonly id: string;
  readonly config: StrategyConfig;
  readonly totalInstances: number;
  /** Who may not approve it. */
  readonly requestedBy: string;
  readonly state: RolloutState;
}

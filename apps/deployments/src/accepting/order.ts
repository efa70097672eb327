import type { CreateDeployment } from '@switchyard/contracts';
import type { Strategy, StrategyConfig } from '@switchyard/rollout';
import type { InstallationKey } from '../installations/installation.store.js';
import type { PinnedVersion } from '../registry-door.js';
import type { Retry } from '../rollouts/retry-rollout.js';

/** One deployment that is asked for, or that another one cannot be without. */
export interface Order {
  readonly deploymentId: string;
  readonly releaseId: string;
  readonly key: InstallationKey;
  readonly version: PinnedVersion;
  readonly strategy: Strategy;
  /** null: what was given is wrong, and the reason is told. */
  readonly config: StrategyConfig | null;
  readonly given: Pick<
    CreateDeployment,
    'strategyConfig' | 'configuration' | 'healthCheck' | 'totalInstances'
  >;
  /** What it tries again. */
  readonly retry: Retry | null;
  /** Deployments that have to be over before it starts. */
  readonly awaits: readonly string[];
}

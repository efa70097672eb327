import type { DeployedSet, HealthCheck, HealthStatus } from '@switchyard/contracts';
import type { FeedVersion } from '@switchyard/events';
import { noSamples, type Samples } from '@switchyard/rollout';
import type { SeenInstance } from '../verdicts/judge-set.js';
import type { TrafficSlice } from '../verdicts/traffic-window.js';

/** An instance set as this service keeps it. */
export interface StoredSet {
  setId: string;
  tenantId: string;
  environment: string;
  pluginId: string;
  deploymentId: string;
  healthCheck: HealthCheck | null;
  moving: boolean;
  instances: SeenInstance[];
  samples: Samples;
  recent: TrafficSlice[];
  verdict: HealthStatus;
  reason: string;
  /** Healthy and all instances, as the history last has them. */
  healthy: number | null;
  total: number | null;
  /** Reconcilers have not heard of the latest yet. */
  untold: boolean;
  /** When requests that count against it will be over, in epoch milliseconds. */
  judgeAgainAt: number | null;
  goneAt: number | null;
  /** Of `deployments.sets`, up to where it is known here. */
  feed: FeedVersion;
}

type Labels = Pick<StoredSet, 'setId' | 'tenantId' | 'environment' | 'pluginId' | 'deploymentId'>;

/** One that was only heard of: what runs in it comes with the feed. */
export const newStoredSet = (labels: Labels): StoredSet => ({
  setId: labels.setId,
  tenantId: labels.tenantId,
  environment: labels.environment,
  pluginId: labels.pluginId,
  deploymentId: labels.deploymentId,
  healthCheck: null,
  moving: false,
  instances: [],
  samples: noSamples,
  recent: [],
  verdict: 'Unknown',
  reason: 'there are no instances',
  healthy: null,
  total: null,
  untold: false,
  judgeAgainAt: null,
  goneAt: null,
  feed: { epoch: 0, version: 0 },
});

/** As deployments tells it now, without what changes all the time and is not kept. */
export const toldBy = (deployed: DeployedSet) => ({
  deploymentId: deployed.deploymentId,
  healthCheck: deployed.healthCheck,
  moving: deployed.moving,
  goneAt: null,
  instances: deployed.instances.map(({ instanceId, ready, state, reason, protocol }): SeenInstance => ({
    instanceId,
    ready,
    state,
    reason,
    checked: deployed.healthCheck !== null || protocol !== null,
  })),
});

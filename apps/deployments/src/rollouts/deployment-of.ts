import type { Deployment } from '@switchyard/rollout';
import type { RolloutRow } from './rollout.store.js';

/** As the engine knows it. */
export const deploymentOf = (row: RolloutRow): Deployment => ({
  id: row.deployment_id,
  config: row.config,
  totalInstances: row.total_instances,
  requestedBy: row.deployed_by,
  state: row.state,
});

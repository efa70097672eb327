import type { Transaction } from '@switchyard/database';
import { findReleaseOfSet, type ReleaseRow } from '../releases/release.store.js';
import { findRollout } from '../rollouts/rollout.store.js';
import type { InstallationRow } from './installation.store.js';

export interface Running {
  readonly release: ReleaseRow;
  readonly instances: number;
}

/** What is stable, with as many instances as it is meant to have, whatever a rollout has taken away. */
export async function stableOf(tx: Transaction, installation: InstallationRow): Promise<Running | null> {
  const { stable_set: setId, stable_deployment: deploymentId } = installation;
  if (setId === null || deploymentId === null) return null;
  const [release, rollout] = await Promise.all([findReleaseOfSet(tx, setId), findRollout(tx, deploymentId)]);
  return release && rollout ? { release, instances: rollout.total_instances } : null;
}

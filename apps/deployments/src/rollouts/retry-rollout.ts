import type { CreateDeployment } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { findReleases } from '../releases/release.store.js';
import { findSets } from '../sets/set.store.js';
import { findRollout, lockRollout, newerRollout, type RolloutRow } from './rollout.store.js';

export interface Retry {
  readonly of: string;
  /** A way back that is tried again is one still. */
  readonly rollsBack: string | null;
}

/** The same again: what the deployment shipped and how, as somebody would ask for it anew. */
export async function retryOf(
  tx: Transaction,
  deploymentId: string,
): Promise<{ input: CreateDeployment; retry: Retry }> {
  const rollout = await findRollout(tx, deploymentId);
  if (!rollout) throw notFound('Deployment', deploymentId);
  await mustBeLast(tx, rollout);
  const [[release], [set]] = await Promise.all([
    findReleases(tx, [rollout.release_id]),
    findSets(tx, [rollout.set_id]),
  ]);
  if (!release) throw new Error(`deployment ${deploymentId} has no release`);
  return {
    input: {
      pluginId: rollout.plugin_id,
      pluginVersion: rollout.semantic_version,
      tenantId: rollout.tenant_id,
      environment: rollout.environment,
      strategy: rollout.strategy,
      strategyConfig: { ...rollout.strategy_config },
      configuration: { ...release.settings } as CreateDeployment['configuration'],
      ...(set?.health_check ? { healthCheck: set.health_check } : {}),
      totalInstances: rollout.total_instances,
      // What it needed may be missing again, or still.
      installDependencies: rollout.awaits.length > 0,
    },
    retry: { of: deploymentId, rollsBack: rollout.rolls_back },
  };
}

/** Asked again behind the lock of the installation: of two who retry at once, one does. */
export async function mustLockRetried(tx: Transaction, { of }: Retry): Promise<RolloutRow> {
  const rollout = await lockRollout(tx, of);
  if (!rollout) throw notFound('Deployment', of);
  await mustBeLast(tx, rollout);
  return rollout;
}

async function mustBeLast(tx: Transaction, { deployment_id: id, status }: RolloutRow): Promise<void> {
  if (status !== 'Failed' && status !== 'RolledBack')
    throw conflict(
      `The deployment "${id}" is ${status}: only one that is Failed or RolledBack can be tried again`,
    );
  const newer = await newerRollout(tx, id);
  if (newer)
    throw conflict(
      newer.retry_of === id
        ? `The deployment "${id}" was already tried again as "${newer.deployment_id}"`
        : `"${newer.deployment_id}" (${newer.semantic_version}) was deployed after "${id}": deploy what you want anew`,
    );
}

import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { isTerminal, parseStrategyConfig } from '@switchyard/rollout';
import { newId, type EdgeCall } from '@switchyard/service';
import { awaitsApproval } from '../accepting/supersede-moving.js';
import { beginRollout, noApproval } from '../accepting/begin-rollout.js';
import { stableOf } from '../installations/stable-of.js';
import { lockQuotas } from '../quotas/quota.store.js';
import type { World } from '../reconciling/world.js';
import { findReleases } from '../releases/release.store.js';
import { findSets, lockWarmSet } from '../sets/set.store.js';
import { commandRollout, mustLockRollout } from './command-rollout.js';
import { findRollout, unsettledRollouts, type RolloutRow } from './rollout.store.js';

export interface RolledBack {
  readonly rollout: RolloutRow;
  readonly previousDeploymentId: string;
  /** The deployment that brings the previous release back. */
  readonly way: string;
}

/** RolledBack from this commit on; the way back is a deployment of its own, or what still is stable. */
export async function rollBack(
  tx: Transaction,
  call: EdgeCall,
  {
    tenant,
    deploymentId,
    reason,
    world,
  }: { tenant: TenantState; deploymentId: string; reason: string | undefined; world: World },
): Promise<RolledBack> {
  await lockQuotas(tx, tenant.tenantId);
  const { rollout, installation } = await mustLockRollout(tx, deploymentId);
  const previousDeploymentId = rollout.previous_deployment_id;
  if (previousDeploymentId === null)
    throw conflict(`Nothing ran before the deployment "${deploymentId}": there is no release to go back to`);
  if (!isTerminal(rollout.status)) {
    // What was stable still is: traffic goes back to it, and nothing has to be deployed.
    const decision = { type: 'rollback', rollbackDeploymentId: previousDeploymentId } as const;
    const saved = await commandRollout(tx, call, rollout, decision, reason);
    return { rollout: saved, previousDeploymentId, way: previousDeploymentId };
  }
  if (rollout.status === 'Completed' && installation.stable_deployment !== deploymentId)
    throw conflict(
      `The installation no longer runs the deployment "${deploymentId}" but "${installation.stable_deployment ?? 'nothing'}"`,
    );
  const moving = (await unsettledRollouts(tx, rollout)).find(
    (each) => !isTerminal(each.status) && !awaitsApproval(each),
  );
  if (moving) throw conflict(`"${moving.deployment_id}" is rolling out: abort it first`);
  const way = newId('dep');
  const saved = await commandRollout(
    tx,
    call,
    rollout,
    { type: 'rollback', rollbackDeploymentId: way },
    reason,
  );
  await beginWayBack(tx, call, { tenant, rollout: saved, previousDeploymentId, way, world });
  return { rollout: saved, previousDeploymentId, way };
}

async function beginWayBack(
  tx: Transaction,
  call: EdgeCall,
  { tenant, rollout, previousDeploymentId, way, world }: RolledBack & { tenant: TenantState; world: World },
): Promise<void> {
  const { installation } = await mustLockRollout(tx, rollout.deployment_id);
  const previous = await findRollout(tx, previousDeploymentId);
  const [release] = previous ? await findReleases(tx, [previous.release_id]) : [];
  if (!previous || !release?.pinned)
    throw conflict(`What the deployment "${previousDeploymentId}" shipped is no longer kept`);
  const [before] = await findSets(tx, [previous.set_id]);
  const warm = await lockWarmSet(tx, release.release_id);
  const strategyConfig = { autoRollback: 'false' };
  const parsed = parseStrategyConfig('Direct', strategyConfig);
  if (!parsed.ok) throw new Error('the configuration of a way back is wrong');
  const crashes = warm ? world.instancesOf(warm.set_id) : [];
  await beginRollout(tx, call, {
    key: {
      tenant_id: rollout.tenant_id,
      environment: rollout.environment,
      plugin_id: rollout.plugin_id,
    },
    installation,
    tenant,
    deploymentId: way,
    release,
    running: await stableOf(tx, installation),
    warm: warm
      ? { set: warm, crashes: Object.fromEntries(crashes.map((each) => [each.instanceId, each.crashes])) }
      : null,
    strategy: 'Direct',
    strategyConfig,
    config: parsed.config,
    healthCheck: before?.health_check ?? null,
    totalInstances: rollout.total_instances,
    rollsBack: rollout.deployment_id,
    retries: null,
    approval: noApproval,
  });
}

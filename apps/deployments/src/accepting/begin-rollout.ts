import {
  deployedSetsFeed,
  type DeployedSetInput,
  type ApprovalRule,
  type HealthCheck,
  type TenantState,
} from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { feedPut } from '@switchyard/events';
import { traceparentOf } from '@switchyard/observability';
import { newRollout, type Strategy, type StrategyConfig } from '@switchyard/rollout';
import { audited, identityOf, newId, type EdgeCall } from '@switchyard/service';
import type { InstallationKey, InstallationRow } from '../installations/installation.store.js';
import type { Running } from '../installations/stable-of.js';
import { peakDemand } from '../quotas/peak-demand.js';
import type { ReleaseRow } from '../releases/release.store.js';
import { databaseNow, insertRollout, saveRollout, type RolloutRow } from '../rollouts/rollout.store.js';
import { tellStatus } from '../rollouts/tell-status.js';
import { insertSet, takeUpSet, type SetRow } from '../sets/set.store.js';
import { reserveQuota } from './reserve-quota.js';
import { awaitsApproval, supersedeMoving } from './supersede-moving.js';

export interface Beginning {
  readonly key: InstallationKey;
  readonly installation: InstallationRow;
  readonly tenant: TenantState;
  readonly deploymentId: string;
  readonly release: Omit<ReleaseRow, 'pinned'>;
  readonly running: Running | null;
  /** A set of the release that still runs, and what its instances had crashed. */
  readonly warm: { readonly set: SetRow; readonly crashes: SetRow['crashes'] } | null;
  readonly strategy: Strategy;
  readonly strategyConfig: Readonly<Record<string, string>>;
  readonly config: StrategyConfig;
  readonly healthCheck: HealthCheck | null;
  readonly totalInstances: number;
  readonly rollsBack: string | null;
  /** What it tries again, locked. */
  readonly retries: RolloutRow | null;
  /** What the tenant demands of it before it starts. */
  readonly approval: ApprovalRule & { readonly withinMs: number };
}

/** The way back never waits for anybody. */
export const noApproval: Beginning['approval'] = { approvals: 0, roles: [], withinMs: 0 };

/** Behind the locks of the tenant's quotas and of the installation. */
export async function beginRollout(tx: Transaction, call: EdgeCall, begin: Beginning): Promise<RolloutRow> {
  const { key, installation, running, release, deploymentId, tenant } = begin;
  const now = await databaseNow(tx);
  const peak = peakDemand(
    begin.config,
    { instances: begin.totalInstances, resources: release.resources },
    running && { instances: running.instances, resources: running.release.resources },
  );
  if (begin.warm === null) await reserveQuota(tx, tenant, key, peak);
  const who = identityOf(call);
  const { approvals: required, roles, withinMs } = begin.approval;
  const needsApproval = required > 0;
  await supersedeMoving(tx, key, {
    by: deploymentId,
    actor: who.username,
    now,
    // What nobody has approved yet stops nothing that was.
    which: needsApproval ? awaitsApproval : () => true,
  });
  const setId = begin.warm?.set.set_id ?? newId('set');
  if (begin.warm) await takeUpSet(tx, setId, deploymentId, begin.warm.crashes);
  else {
    await insertSet(tx, {
      set_id: setId,
      ...key,
      release_id: release.release_id,
      deployment_id: deploymentId,
      health_check: begin.healthCheck,
    });
    await feedPut(tx, deployedSetsFeed, setId, {
      setId,
      deploymentId,
      tenantId: key.tenant_id,
      environment: key.environment,
      pluginId: key.plugin_id,
      version: release.semantic_version,
      resources: release.resources,
      healthCheck: begin.healthCheck,
      moving: true,
    } satisfies DeployedSetInput);
  }
  const rollout = await insertRollout(tx, {
    deployment_id: deploymentId,
    ...key,
    semantic_version: release.semantic_version,
    release_id: release.release_id,
    set_id: setId,
    previous_deployment_id: installation.stable_deployment,
    rolls_back: begin.rollsBack,
    retry_of: begin.retries?.deployment_id ?? null,
    strategy: begin.strategy,
    strategy_config: begin.strategyConfig,
    config: begin.config,
    total_instances: begin.totalInstances,
    peak_instances: peak.instances,
    peak_cpu: peak.cpu,
    peak_memory_mb: peak.memoryMB,
    deployed_by: who.username,
    state: newRollout(now, { needsApproval }),
    approval: needsApproval
      ? { required, roles, requestedBy: { subject: who.subject, username: who.username }, given: [] }
      : null,
    approval_expires_at: needsApproval ? new Date(now + withinMs) : null,
  });
  if (begin.retries) await saveRollout(tx, begin.retries, { retried_by: deploymentId });
  await audited(tx, call, {
    tenant: key.tenant_id,
    action: 'deployment.created',
    subject: deploymentId,
    details: {
      pluginId: key.plugin_id,
      version: release.semantic_version,
      environment: key.environment,
      strategy: begin.strategy,
      ...(needsApproval ? { approvals: required } : {}),
      ...(begin.retries === null ? {} : { retryOf: begin.retries.deployment_id }),
      ...(begin.rollsBack === null ? {} : { rollsBack: begin.rollsBack }),
    },
  });
  await tellStatus(tx, rollout, null, traceparentOf(call.trace));
  return rollout;
}

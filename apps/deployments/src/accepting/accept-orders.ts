import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { Keyring } from '@switchyard/secrets';
import type { EdgeCall } from '@switchyard/service';
import { findApprovalPolicy } from '../approvals/approval-policy.store.js';
import { ruleIn } from '../approvals/rules.js';
import { lockInstallation } from '../installations/installation.store.js';
import { insertRelease } from '../releases/release.store.js';
import { awaitDeployments } from '../rollouts/awaited.store.js';
import { mustLockRetried } from '../rollouts/retry-rollout.js';
import type { RolloutRow } from '../rollouts/rollout.store.js';
import { beginRollout, noApproval } from './begin-rollout.js';
import { checkOrders, type CheckedOrder } from './check-orders.js';
import type { Order } from './order.js';
import { stopAtTheFirst } from './reasons.js';

interface Terms {
  readonly tenant: TenantState;
  readonly keyring: Keyring;
  /** How long each may wait for approvals. */
  readonly approvalMs: number;
}

/** Behind the lock of the tenant's quotas. Everything that the orders ship and reserve is written down at once, or nothing is. */
export async function acceptOrders(
  tx: Transaction,
  call: EdgeCall,
  orders: readonly Order[],
  { tenant, keyring, approvalMs }: Terms,
): Promise<RolloutRow[]> {
  const rollouts: RolloutRow[] = [];
  await checkOrders(tx, orders, {
    reasons: stopAtTheFirst,
    tenant,
    keyring,
    installationOf: ({ key }) => lockInstallation(tx, key),
    checked: async (checked) => {
      rollouts.push(await acceptOrder(tx, call, { tenant, approvalMs }, checked));
    },
  });
  return rollouts;
}

async function acceptOrder(
  tx: Transaction,
  call: EdgeCall,
  { tenant, approvalMs }: Pick<Terms, 'tenant' | 'approvalMs'>,
  { order, installation, running, settings, totalInstances }: CheckedOrder,
): Promise<RolloutRow> {
  const { key, version, config, given, deploymentId, releaseId } = order;
  if (!installation || config === null) throw new Error(`${deploymentId} was not checked`);
  const { retry } = order;
  const retries = retry && (await mustLockRetried(tx, retry));
  const release = {
    release_id: releaseId,
    ...key,
    semantic_version: version.version,
    digest: version.digest,
    runtime: version.runtime,
    resources: version.resources,
    manifest: version.manifest,
    settings,
    dependencies: version.dependencies,
    conflicts: version.conflicts,
  };
  await insertRelease(tx, release);
  const approval = retry?.rollsBack
    ? noApproval
    : {
        ...ruleIn((await findApprovalPolicy(tx, tenant.tenantId)).rules, key.environment),
        withinMs: approvalMs,
      };
  const rollout = await beginRollout(tx, call, {
    key,
    installation,
    tenant,
    deploymentId,
    release,
    running,
    warm: null,
    strategy: order.strategy,
    strategyConfig: given.strategyConfig ?? {},
    config,
    healthCheck: given.healthCheck ?? null,
    totalInstances,
    rollsBack: retry?.rollsBack ?? null,
    retries,
    approval,
  });
  if (order.awaits.length > 0) await awaitDeployments(tx, deploymentId, order.awaits);
  return rollout;
}

import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { Keyring } from '@switchyard/secrets';
import type { EdgeCall } from '@switchyard/service';
import { findApprovalPolicy } from '../approvals/approval-policy.store.js';
import { ruleIn } from '../approvals/rules.js';
import { lockInstallation } from '../installations/installation.store.js';
import { insertRelease } from '../releases/release.store.js';
import { awaitDeployments } from '../rollouts/awaited.store.js';
import { mustLockRetried, type Retry } from '../rollouts/retry-rollout.js';
import type { RolloutRow } from '../rollouts/rollout.store.js';
import { beginRollout, noApproval, type Beginning } from './begin-rollout.js';
import { checkOrders, type CheckedOrder } from './check-orders.js';
import type { Order } from './order.js';
import { stopAtTheFirst } from './reasons.js';

export interface Acceptance {
  readonly tenant: TenantState;
  readonly keyring: Keyring;
  /** What the last of the orders tries again. */
  readonly retry: Retry | null;
  /** How long each may wait for approvals. */
  readonly approvalMs: number;
}

/** Behind the lock of the tenant's quotas. Everything that the orders ship and reserve is written down at once, or nothing is. */
export async function acceptOrders(
  tx: Transaction,
  call: EdgeCall,
  orders: readonly Order[],
  { tenant, keyring, retry, approvalMs }: Acceptance,
): Promise<RolloutRow[]> {
  const rollouts: RolloutRow[] = [];
  const { rules } = await findApprovalPolicy(tx, tenant.tenantId);
  await checkOrders(tx, orders, {
    reasons: stopAtTheFirst,
    tenant,
    keyring,
    installationOf: ({ key }) => lockInstallation(tx, key),
    checked: async (checked) => {
      const again = checked.order === orders.at(-1) ? retry : null;
      rollouts.push(
        await acceptOrder(tx, call, checked, {
          tenant,
          retries: again && (await mustLockRetried(tx, again)),
          rollsBack: again?.rollsBack ?? null,
          approval: again?.rollsBack
            ? noApproval
            : { ...ruleIn(rules, checked.order.key.environment), withinMs: approvalMs },
        }),
      );
    },
  });
  return rollouts;
}

async function acceptOrder(
  tx: Transaction,
  call: EdgeCall,
  { order, installation, running, settings, totalInstances }: CheckedOrder,
  terms: Pick<Beginning, 'tenant' | 'retries' | 'rollsBack' | 'approval'>,
): Promise<RolloutRow> {
  const { key, version, config, given, deploymentId, releaseId } = order;
  if (!installation || config === null) throw new Error(`${deploymentId} was not checked`);
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
  const rollout = await beginRollout(tx, call, {
    key,
    installation,
    deploymentId,
    release,
    running,
    warm: null,
    strategy: order.strategy,
    strategyConfig: given.strategyConfig ?? {},
    config,
    healthCheck: given.healthCheck ?? null,
    totalInstances,
    ...terms,
  });
  if (order.awaits.length > 0) await awaitDeployments(tx, deploymentId, order.awaits);
  return rollout;
}

import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { InstallationKey } from '../installations/installation.store.js';
import { most, type Demand } from '../quotas/peak-demand.js';
import { quotaProblems } from '../quotas/quota-problem.js';
import { demandOfMoving, quotaUse } from '../quotas/quota.store.js';
import { deploymentsOfLastHour } from '../rollouts/rollout.store.js';

/** Behind the lock of the tenant's quotas: what is free now stays free until the transaction has ended. */
export async function reserveQuota(
  tx: Transaction,
  tenant: TenantState,
  key: InstallationKey,
  peak: Demand,
): Promise<void> {
  const used = await quotaUse(tx, tenant.tenantId, key);
  // What it replaces still runs until it has left.
  const needed = { ...most(peak, await demandOfMoving(tx, key)), plugins: used.knowsPlugin ? 0 : 1 };
  const problems = quotaProblems(tenant.quotas, used, needed);
  if (problems.length === 0) return;
  const told = problems.map(
    ({ quota, limit, used: use, needed: need }) => `${quota} is ${limit}, ${use} in use and ${need} needed`,
  );
  throw new AppError('QUOTA_EXCEEDED', `The tenant's quota does not allow this: ${told.join('; ')}`, {
    details: problems.map(({ quota, limit, used: use, needed: need }) => ({
      field: quota,
      message: `${use} in use, ${need} needed`,
      received: use + need,
      allowed: limit,
    })),
  });
}

export async function mustNotDeployTooOften(tx: Transaction, tenant: TenantState): Promise<void> {
  const { maxDeploymentsPerHour } = tenant.rateLimits;
  const { count, oldestAgeSeconds } = await deploymentsOfLastHour(tx, tenant.tenantId);
  if (count < maxDeploymentsPerHour) return;
  throw new AppError(
    'RATE_LIMIT_EXCEEDED',
    `The tenant may begin ${maxDeploymentsPerHour} deployments an hour, and has begun ${count}`,
    { retryAfter: 3_600 - oldestAgeSeconds },
  );
}

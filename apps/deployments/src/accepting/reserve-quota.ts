import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { InstallationKey } from '../installations/installation.store.js';
import { most, nothing, sum, type Demand } from '../quotas/peak-demand.js';
import { quotaProblems, type QuotaUse } from '../quotas/quota-problem.js';
import { demandOfMoving, quotaUse } from '../quotas/quota.store.js';
import { deploymentsOfLastHour } from '../rollouts/rollout.store.js';

export interface QuotaNeed {
  readonly used: QuotaUse;
  readonly needed: QuotaUse;
}

/** `besides`: what is planned and not written down yet. */
export async function quotaNeed(
  tx: Transaction,
  key: InstallationKey,
  peak: Demand,
  besides: QuotaUse = { ...nothing, plugins: 0 },
): Promise<QuotaNeed> {
  const used = await quotaUse(tx, key.tenant_id, key);
  // What it replaces still runs until it has left.
  const needed = { ...most(peak, await demandOfMoving(tx, key)), plugins: used.knowsPlugin ? 0 : 1 };
  return { used: { ...sum(used, besides), plugins: used.plugins + besides.plugins }, needed };
}

/** Behind the lock of the tenant's quotas: what is free now stays free until the transaction has ended. */
export async function reserveQuota(
  tx: Transaction,
  tenant: TenantState,
  key: InstallationKey,
  peak: Demand,
): Promise<void> {
  mustFitQuotas(tenant, await quotaNeed(tx, key, peak));
}

export function mustFitQuotas({ quotas }: TenantState, { used, needed }: QuotaNeed): void {
  const problems = quotaProblems(quotas, used, needed);
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

/** `beginning`: so many at once. */
export async function mustNotDeployTooOften(
  tx: Transaction,
  tenant: TenantState,
  beginning: number,
): Promise<void> {
  const { maxDeploymentsPerHour } = tenant.rateLimits;
  const { count, oldestAgeSeconds } = await deploymentsOfLastHour(tx, tenant.tenantId);
  if (count + beginning <= maxDeploymentsPerHour) return;
  const more = beginning === 1 ? '' : `; this begins ${beginning}`;
  throw new AppError(
    'RATE_LIMIT_EXCEEDED',
    `The tenant may begin ${maxDeploymentsPerHour} deployments an hour, and has begun ${count}${more}`,
    { retryAfter: 3_600 - oldestAgeSeconds },
  );
}

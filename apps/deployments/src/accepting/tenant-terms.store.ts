import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';

/** The service's own copy of a tenant. */
export const findTenant = async (tx: Transaction, tenantId: string): Promise<TenantState | undefined> =>
  (
    await tx.one<{ state: TenantState }>('SELECT state FROM deployments.tenant_copies WHERE tenant_id = $1', [
      tenantId,
    ])
  )?.state;

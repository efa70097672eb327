import type { Transaction } from '@switchyard/database';

/** What a tenant demands of whatever is installed in it. */
export interface TenantTerms {
  /** Empty: every category. */
  allowedCategories: readonly string[];
  requireSignedVersions: boolean;
}

export const noTerms: TenantTerms = { allowedCategories: [], requireSignedVersions: false };

export async function findTenantTerms(tx: Transaction, tenantId: string): Promise<TenantTerms | undefined> {
  const row = await tx.one<{ state: Partial<TenantTerms> }>(
    'SELECT state FROM registry.tenant_copies WHERE tenant_id = $1',
    [tenantId],
  );
  return row && { ...noTerms, ...row.state };
}

import type { Identity } from '@switchyard/auth';
import type { TenantState } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { findTenant } from './tenant-terms.store.js';

/** A tenant that was made a moment ago is known here a moment later. */
const newsTravelMs = 2_000;
const lookEveryMs = 50;

/** Whose installation it is for; a foreign tenant is answered as a missing one. */
export async function tenantFor(
  database: ServiceDatabase,
  who: Identity,
  { tenantId }: { readonly tenantId?: string | undefined },
): Promise<TenantState> {
  if (who.tenant === null && tenantId === undefined)
    throw new AppError('VALIDATION_ERROR', 'The request has 1 invalid field(s): tenantId', {
      details: [{ field: 'tenantId', message: 'is required of who belongs to no tenant' }],
    });
  const wanted = tenantId ?? who.tenant ?? '';
  if (who.tenant !== null && wanted !== who.tenant) throw notFound('Tenant', wanted);
  for (const until = performance.now() + newsTravelMs; ;) {
    const tenant = await database.readInTenant(wanted, (tx) => findTenant(tx, wanted));
    if (tenant) return tenant;
    if (performance.now() > until) throw notFound('Tenant', wanted);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

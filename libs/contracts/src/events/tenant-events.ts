import { z } from 'zod';
import { Quotas, RateLimits, tenantStatuses } from '../schemas/tenants.js';
import { defineEvent } from './define-event.js';

/** What other services keep a copy of. */
export const TenantState = z.object({
  tenantId: z.string(),
  name: z.string(),
  namespace: z.string(),
  status: z.enum(tenantStatuses),
  quotas: Quotas,
  rateLimits: RateLimits,
  allowedCategories: z.array(z.string()),
  requireSignedVersions: z.boolean().optional(),
  /** Rises with each change; a copy never goes back. */
  version: z.number().int(),
});
export type TenantState = z.output<typeof TenantState>;

export const tenantCreated = defineEvent({
  type: 'tenant.created',
  version: 1,
  data: TenantState,
  key: 'tenant',
});
export const tenantUpdated = defineEvent({
  type: 'tenant.updated',
  version: 1,
  data: TenantState,
  key: 'tenant',
});
/** The grace period is over: every service removes what it holds of the tenant. */
export const tenantPurged = defineEvent({
  type: 'tenant.purged',
  version: 1,
  data: z.object({ tenantId: z.string() }),
  key: 'tenant',
});

import {
  defaultQuotas,
  defaultRateLimits,
  tenantCreated,
  tenantUpdated,
  type ArtifactPolicy,
  type CreateTenant,
  type UpdateTenant,
} from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { feedPut, publish } from '@switchyard/events';
import { traceparentOf } from '@switchyard/observability';
import { audited, type EdgeCall, type IfMatch, requireMatch } from '@switchyard/service';
import type { z } from 'zod';
import { tenantTransitions, type TenantCommand } from './tenant-status.js';
import { insertTenant, lockTenant, saveTenant, type TenantChange, type TenantRow } from './tenant.store.js';
import { tenantState } from './tenant-views.js';

/** What every gateway knows of every tenant: whether it may write and how often it may call. */
export const tenantFeed = 'tenants.tenants';

export async function createTenant(
  tx: Transaction,
  call: EdgeCall,
  input: z.output<typeof CreateTenant>,
): Promise<TenantRow> {
  const row = await insertTenant(tx, {
    tenant_id: input.tenantId,
    name: input.name,
    description: input.description ?? null,
    namespace: input.namespace ?? input.tenantId,
    quotas: { ...defaultQuotas, ...input.quotas },
    rate_limits: { ...defaultRateLimits, ...input.rateLimits },
    allowed_categories: input.allowedCategories ?? [],
    contact_email: input.contactEmail ?? null,
    subscription_tier: input.subscriptionTier ?? null,
  });
  if (row === 'id-taken')
    throw conflict(`A tenant "${input.tenantId}" exists, or did once: an id is never given again`, [
      { field: 'tenantId', message: 'is taken', received: input.tenantId },
    ]);
  if (row === 'namespace-taken')
    throw conflict(`The namespace "${input.namespace ?? input.tenantId}" belongs to another tenant`, [
      { field: 'namespace', message: 'is taken', received: input.namespace ?? input.tenantId },
    ]);
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'tenant.created',
    subject: row.tenant_id,
    details: { name: row.name },
  });
  await publish(tx, tenantCreated, {
    tenant: row.tenant_id,
    key: row.tenant_id,
    data: tenantState(row),
    traceparent: traceparentOf(call.trace),
  });
  await tellGateways(tx, row);
  return row;
}

export async function updateTenant(
  tx: Transaction,
  call: EdgeCall,
  tenantId: string,
  input: z.output<typeof UpdateTenant>,
  ifMatch: IfMatch,
): Promise<TenantRow> {
  const before = await mustLock(tx, tenantId);
  requireMatch(ifMatch, before.version);
  return await change(tx, call, before, 'tenant.updated', {
    ...before,
    name: input.name ?? before.name,
    description: input.description === undefined ? before.description : input.description,
    quotas: { ...before.quotas, ...input.quotas },
    rate_limits: { ...before.rate_limits, ...input.rateLimits },
    allowed_categories: input.allowedCategories ?? before.allowed_categories,
    contact_email: input.contactEmail === undefined ? before.contact_email : input.contactEmail,
    subscription_tier:
      input.subscriptionTier === undefined ? before.subscription_tier : input.subscriptionTier,
  });
}

export async function setArtifactPolicy(
  tx: Transaction,
  call: EdgeCall,
  tenantId: string,
  { requireSignedVersions }: z.output<typeof ArtifactPolicy>,
): Promise<TenantRow> {
  const before = await mustLock(tx, tenantId);
  if (before.require_signed_versions === requireSignedVersions) return before;
  return await change(tx, call, before, 'tenant.artifact-policy-changed', {
    ...before,
    require_signed_versions: requireSignedVersions,
  });
}

export interface CommandOptions {
  purgeAt?: Date;
  reason?: string | undefined;
}

const pastTense = {
  suspend: 'tenant.suspended',
  resume: 'tenant.resumed',
  delete: 'tenant.deleted',
} as const;

export async function commandTenant(
  tx: Transaction,
  call: EdgeCall,
  tenantId: string,
  command: TenantCommand,
  options: CommandOptions = {},
): Promise<TenantRow> {
  const before = await mustLock(tx, tenantId);
  const status = tenantTransitions[before.status][command];
  if (!status) throw conflict(`The tenant is ${before.status}; resume it before you ${command} it`);
  if (status === before.status) return before;
  const purgeAt = status === 'Deleting' ? (options.purgeAt ?? null) : null;
  const details = options.reason === undefined ? {} : { reason: options.reason };
  return await change(
    tx,
    call,
    before,
    pastTense[command],
    { ...before, status, purge_at: purgeAt },
    details,
  );
}

async function mustLock(tx: Transaction, tenantId: string): Promise<TenantRow> {
  const row = await lockTenant(tx, tenantId);
  if (!row) throw notFound('Tenant', tenantId);
  return row;
}

async function change(
  tx: Transaction,
  call: EdgeCall,
  before: TenantRow,
  action: string,
  after: TenantChange,
  details: Readonly<Record<string, unknown>> = {},
): Promise<TenantRow> {
  const row = await saveTenant(tx, before.tenant_id, after);
  const changed = (Object.keys(after) as (keyof TenantChange)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  await audited(tx, call, {
    tenant: row.tenant_id,
    action,
    subject: row.tenant_id,
    details: { changed, ...details },
  });
  await publish(tx, tenantUpdated, {
    tenant: row.tenant_id,
    key: row.tenant_id,
    data: tenantState(row),
    traceparent: traceparentOf(call.trace),
  });
  await tellGateways(tx, row);
  return row;
}

const tellGateways = (tx: Transaction, row: TenantRow): Promise<void> =>
  feedPut(tx, tenantFeed, row.tenant_id, {
    status: row.status,
    maxRequestsPerMinute: row.rate_limits.maxRequestsPerMinute,
  });

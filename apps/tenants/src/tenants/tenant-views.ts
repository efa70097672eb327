import type { Tenant, TenantMetrics, TenantState, TenantSummary } from '@switchyard/contracts';
import type { z } from 'zod';
import type { TenantRow } from './tenant.store.js';

const iso = (time: Date): string => time.toISOString();

export const tenantView = (row: TenantRow): z.output<typeof Tenant> => ({
  tenantId: row.tenant_id,
  name: row.name,
  description: row.description,
  namespace: row.namespace,
  status: row.status,
  quotas: row.quotas,
  rateLimits: row.rate_limits,
  allowedCategories: row.allowed_categories,
  contactEmail: row.contact_email,
  subscriptionTier: row.subscription_tier,
  requireSignedVersions: row.require_signed_versions,
  resourceUsage: {
    currentCpu: row.resource_usage.currentCpu,
    currentMemoryGB: row.resource_usage.currentMemoryGB,
    currentInstances: row.resource_usage.currentInstances,
  },
  pluginCount: row.plugin_count,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  purgeAt: row.purge_at && iso(row.purge_at),
});

export const tenantSummary = (row: TenantRow): z.output<typeof TenantSummary> => ({
  tenantId: row.tenant_id,
  name: row.name,
  status: row.status,
  subscriptionTier: row.subscription_tier,
  pluginCount: row.plugin_count,
  createdAt: iso(row.created_at),
});

/** What the other services keep a copy of. */
export const tenantState = (row: TenantRow): TenantState => ({
  tenantId: row.tenant_id,
  name: row.name,
  namespace: row.namespace,
  status: row.status,
  quotas: row.quotas,
  rateLimits: row.rate_limits,
  allowedCategories: row.allowed_categories,
  requireSignedVersions: row.require_signed_versions,
  version: row.version,
});

export const tenantMetrics = (
  row: TenantRow,
  people: { users: number; robots: number },
  now: Date,
): z.output<typeof TenantMetrics> => ({
  tenantId: row.tenant_id,
  plugins: { used: row.plugin_count, limit: row.quotas.maxPlugins },
  cpu: { used: row.resource_usage.currentCpu, limit: row.quotas.maxCpu },
  memoryGB: { used: row.resource_usage.currentMemoryGB, limit: row.quotas.maxMemoryGB },
  storageGB: { used: row.resource_usage.currentStorageGB, limit: row.quotas.maxStorageGB },
  instances: { used: row.resource_usage.currentInstances, limit: row.quotas.maxInstances },
  ...people,
  measuredAt: iso(now),
});

import { z } from 'zod';
import { dnsLabel, label, line, nonEmptyLine, pageAnswer, pageQuery, prose, timestamp } from './common.js';

const count = (max: number) => z.number().int().min(0).max(max);
const amount = (max: number) => z.number().min(0).max(max);

const quotaFields = {
  maxPlugins: count(10_000),
  maxCpu: amount(100_000),
  maxMemoryGB: amount(1_000_000),
  maxStorageGB: amount(1_000_000),
  maxInstances: count(100_000),
};
const rateLimitFields = {
  maxRequestsPerMinute: z.number().int().min(1).max(10_000_000),
  maxDeploymentsPerHour: count(100_000),
};

export const Quotas = z.object(quotaFields);
export const RateLimits = z.object(rateLimitFields);
export type Quotas = z.output<typeof Quotas>;
export type RateLimits = z.output<typeof RateLimits>;

export const defaultQuotas: Quotas = {
  maxPlugins: 10,
  maxCpu: 4,
  maxMemoryGB: 8,
  maxStorageGB: 50,
  maxInstances: 20,
};
export const defaultRateLimits: RateLimits = { maxRequestsPerMinute: 1000, maxDeploymentsPerHour: 10 };

const namespace = dnsLabel('Namespace').refine((n) => !/^kube-|^default$|^switchyard(-|$)/.test(n), {
  message: 'Namespace must not be kube-*, default or one of the platform',
});
const allowedCategories = z.array(label('Category')).max(100);
const quotas = z.strictObject(quotaFields).partial();
const rateLimits = z.strictObject(rateLimitFields).partial();

export const CreateTenant = z.strictObject({
  tenantId: dnsLabel('TenantId'),
  name: nonEmptyLine(120),
  description: prose(2000).optional(),
  namespace: namespace
    .optional()
    .meta({ description: 'The Kubernetes namespace; the tenantId when left out' }),
  quotas: quotas.optional(),
  rateLimits: rateLimits.optional(),
  allowedCategories: allowedCategories.optional().meta({ description: 'Empty or left out: every category' }),
  contactEmail: z.email().max(254).optional(),
  subscriptionTier: label('SubscriptionTier').optional(),
});

/** The tenant id and the namespace are where things run: they never change. */
export const UpdateTenant = z.strictObject({
  name: nonEmptyLine(120).optional(),
  description: prose(2000).nullable().optional(),
  quotas: quotas.optional(),
  rateLimits: rateLimits.optional(),
  allowedCategories: allowedCategories.optional(),
  contactEmail: z.email().max(254).nullable().optional(),
  subscriptionTier: label('SubscriptionTier').nullable().optional(),
});

export const tenantStatuses = ['Active', 'Suspended', 'Deleting'] as const;
export type TenantStatus = (typeof tenantStatuses)[number];

export const Tenant = z.object({
  tenantId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  namespace: z.string(),
  status: z.enum(tenantStatuses),
  quotas: Quotas,
  rateLimits: RateLimits,
  allowedCategories: z.array(z.string()),
  contactEmail: z.string().nullable(),
  subscriptionTier: z.string().nullable(),
  requireSignedVersions: z.boolean(),
  resourceUsage: z.object({
    currentCpu: z.number(),
    currentMemoryGB: z.number(),
    currentInstances: z.number().int(),
  }),
  pluginCount: z.number().int(),
  createdAt: timestamp,
  updatedAt: timestamp,
  purgeAt: timestamp
    .nullable()
    .meta({ description: 'When a deleted tenant and its data are removed for good' }),
});

export const TenantQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(tenantStatuses).optional(),
  tier: label('Tier').optional(),
  search: line(120).optional(),
});
export const TenantSummary = z.object({
  tenantId: z.string(),
  name: z.string(),
  status: z.enum(tenantStatuses),
  subscriptionTier: z.string().nullable(),
  pluginCount: z.number().int(),
  createdAt: timestamp,
});
export const TenantList = z.object({ tenants: z.array(TenantSummary), ...pageAnswer });

export const ArtifactPolicy = z.strictObject({
  requireSignedVersions: z
    .boolean()
    .meta({ description: 'Only versions with a good signature of their publisher are installed' }),
});
export const TenantArtifactPolicy = z.object({
  tenantId: z.string(),
  requireSignedVersions: z.boolean(),
});

export const SuspendTenant = z.strictObject({ reason: line(500).optional() });
export const DeletedTenant = z.object({
  tenantId: z.string(),
  status: z.literal('Deleting'),
  purgeAt: timestamp,
});

const usage = z.object({ used: z.number(), limit: z.number() });
export const TenantMetrics = z.object({
  tenantId: z.string(),
  plugins: usage,
  cpu: usage,
  memoryGB: usage,
  storageGB: usage,
  instances: usage,
  users: z.number().int(),
  robots: z.number().int(),
  measuredAt: timestamp,
});

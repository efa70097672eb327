import { z } from 'zod';
import { DeploymentApprovals } from './approvals.js';
import { dnsLabel, line, pageAnswer, pageQuery, timestamp } from './common.js';
import { HealthCheck } from './health.js';
import { environments } from './routing.js';
import { semanticVersion } from './versions.js';

export const strategies = ['Direct', 'Canary', 'BlueGreen', 'Rolling', 'ABTest'] as const;
export const deploymentStatuses = [
  'Pending',
  'InProgress',
  'Paused',
  'Completed',
  'Failed',
  'RolledBack',
] as const;
export type DeploymentStatus = (typeof deploymentStatuses)[number];

const environment = z.enum(environments);
const strategy = z.enum(strategies);
const status = z.enum(deploymentStatuses);

/** What a plugin's own settings may be: JSON, in which `${secret:name}` stands for a secret of the tenant. */
const settings = z
  .record(z.string().min(1).max(200), z.json())
  .refine((value) => JSON.stringify(value).length <= 32_768, { message: 'must be at most 32 KB of JSON' });

export const CreateDeployment = z.strictObject({
  pluginId: dnsLabel('PluginId'),
  pluginVersion: semanticVersion,
  tenantId: dnsLabel('TenantId')
    .optional()
    .meta({ description: 'Your own when left out; a PlatformAdmin names one' }),
  environment: environment.default('Production'),
  strategy: strategy.optional().meta({
    description: 'Left out: Direct in Development, Rolling in QA and Staging, Canary in Production',
  }),
  strategyConfig: z
    .record(z.string().max(64), z.string().max(2000))
    .optional()
    .meta({ description: 'Durations are seconds' }),
  configuration: settings.optional().meta({ description: 'The settings; left out, the current ones stay' }),
  healthCheck: HealthCheck.optional(),
  totalInstances: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'As many as run now when left out, or 1' }),
  installDependencies: z.boolean().default(false).meta({
    description: 'Installs first what it needs and what is not there, each by a deployment of its own',
  }),
});
export type CreateDeployment = z.output<typeof CreateDeployment>;

export const AcceptedDeployment = z.object({
  deploymentId: z.string(),
  pluginId: z.string(),
  pluginVersion: z.string(),
  tenantId: z.string(),
  environment,
  status,
  strategy,
  progress: z.number(),
  startedAt: timestamp,
  dependencies: z
    .array(z.object({ deploymentId: z.string(), pluginId: z.string(), pluginVersion: z.string() }))
    .meta({ description: 'Deployments of what is installed first, in their order' }),
  warnings: z.array(z.string()),
});

export const RetriedDeployment = AcceptedDeployment.extend({ retryOf: z.string() });

export const Deployment = z.object({
  deploymentId: z.string(),
  pluginId: z.string(),
  pluginVersion: z.string(),
  tenantId: z.string(),
  environment,
  strategy,
  strategyConfig: z.record(z.string(), z.string()),
  status,
  progress: z.number(),
  stage: z.string().nullable(),
  weight: z.number(),
  waitingFor: z.string().nullable(),
  reason: z.string().nullable(),
  totalInstances: z.number().int(),
  healthyInstances: z.number().int(),
  unhealthyInstances: z.number().int(),
  deployedBy: z.string(),
  startedAt: timestamp,
  estimatedCompletionAt: timestamp.nullable(),
  completedAt: timestamp.nullable(),
  previousDeploymentId: z.string().nullable(),
  rollbackDeploymentId: z.string().nullable(),
  supersededBy: z.string().nullable(),
  retryOf: z.string().nullable().meta({ description: 'The deployment that this one tries again' }),
  retriedBy: z.string().nullable(),
  approvals: DeploymentApprovals.nullable().meta({ description: 'null: it needs none' }),
});

export const DeploymentQuery = z.strictObject({
  ...pageQuery,
  tenantId: dnsLabel('TenantId').optional(),
  pluginId: dnsLabel('PluginId').optional(),
  environment: environment.optional(),
  status: status.optional(),
});
export const DeploymentSummary = Deployment.pick({
  deploymentId: true,
  pluginId: true,
  pluginVersion: true,
  tenantId: true,
  environment: true,
  strategy: true,
  status: true,
  progress: true,
  startedAt: true,
  completedAt: true,
});
export const DeploymentList = z.object({ deployments: z.array(DeploymentSummary), ...pageAnswer });

const reason = line(500).optional();
export const RollbackDeployment = z.strictObject({ reason });
export const RolledBackDeployment = z.object({
  deploymentId: z.string(),
  status: z.literal('RolledBack'),
  previousDeploymentId: z.string(),
  rollbackDeploymentId: z.string(),
  rolledBackAt: timestamp,
});
export const DeploymentDecision = z.strictObject({ reason });
export const PromoteDeployment = z.strictObject({
  full: z.boolean().default(false).meta({ description: 'All stages that are left, not only the next' }),
  reason,
});

export const DeploymentHistoryEntry = z.object({
  sequence: z.number().int(),
  at: timestamp,
  event: z.string(),
  stage: z.string().nullable(),
  metric: z.string().nullable(),
  threshold: z.number().nullable(),
  value: z.number().nullable(),
  stableValue: z.number().nullable(),
  samples: z.number().int().nullable(),
  actor: z.string(),
  text: z.string(),
});
export const DeploymentHistory = z.object({
  deploymentId: z.string(),
  history: z.array(DeploymentHistoryEntry),
});

export const installationStatuses = ['Active', 'Deploying', 'Removing'] as const;
export const TenantPlugin = z.object({
  pluginId: z.string(),
  pluginVersion: z.string(),
  environment,
  status: z.enum(installationStatuses),
  healthyInstances: z.number().int(),
  totalInstances: z.number().int(),
  deployedAt: timestamp,
});
export const TenantPluginQuery = z.strictObject({ ...pageQuery, environment: environment.optional() });
export const TenantPluginList = z.object({
  tenantId: z.string(),
  plugins: z.array(TenantPlugin),
  ...pageAnswer,
});

export const UndeployQuery = z.strictObject({
  environment: environment.optional().meta({
    description: 'Left out: the only one it runs in, else Production',
  }),
  force: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .meta({ description: 'Also while others depend on it; they stay, and it is audited' }),
});
export const UndeployedPlugin = z.object({
  tenantId: z.string(),
  pluginId: z.string(),
  environment,
  status: z.literal('Removing'),
});

export const secretName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/, 'expected lowercase letters, numbers, dots, dashes');
export const PutSecret = z.strictObject({ value: z.string().min(1).max(16_384) });
export const SecretQuery = z.strictObject({ ...pageQuery });
export const SecretSummary = z.object({ name: z.string(), createdAt: timestamp, updatedAt: timestamp });
export const SecretList = z.object({ tenantId: z.string(), secrets: z.array(SecretSummary), ...pageAnswer });

import { z } from 'zod';
import { dnsLabel } from './common.js';
import { strategies } from './deployments.js';
import { environments } from './routing.js';
import { DependencyGraph, DependencyProblem, dependencyTypes, semanticVersion } from './versions.js';

const environment = z.enum(environments);
const count = z.number().int();

/** One reason for which to deploy would be refused, as it would be told then. */
export const PlanProblem = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().nullable().meta({ description: 'Where it lies, when it is one place' }),
  details: z.array(z.looseObject({ field: z.string(), message: z.string() })),
});

export const PlannedStage = z.object({
  name: z.string(),
  weight: z.number().meta({ description: 'Percent of the traffic that the new version gets' }),
  instances: count.meta({ description: 'Of the new version' }),
  currentInstances: count.meta({ description: 'Of what runs now, once the weight is served' }),
  holdSeconds: z.number(),
  readyWithinSeconds: z.number().nullable(),
  smokeTests: z.array(z.string()),
});

const enforcement = z.object({
  runner: z.string(),
  memory: z.enum(['kernel', 'watchdog']).meta({
    description: 'kernel: an instance cannot exceed its limit; watchdog: it is ended a moment after',
  }),
  cpu: z
    .enum(['kernel', 'told'])
    .meta({ description: 'told: more than the limit shows in the metrics, and nothing else happens' }),
  user: z
    .enum(['own', 'shared'])
    .meta({ description: 'own: the files and processes of other instances are out of reach' }),
  notes: z.array(z.string()),
});

export const DeploymentPlan = z.object({
  deployable: z.boolean(),
  pluginId: z.string(),
  pluginVersion: z.string(),
  tenantId: z.string(),
  environment,
  current: z
    .object({ pluginVersion: z.string(), deploymentId: z.string(), totalInstances: count })
    .nullable()
    .meta({ description: 'What runs now' }),
  replaces: z.string().nullable().meta({ description: 'The deployment under way whose place it would take' }),
  strategy: z.enum(strategies),
  strategyConfig: z
    .record(z.string(), z.string())
    .nullable()
    .meta({ description: 'With every default filled in; null where what was given is wrong' }),
  stages: z.array(PlannedStage),
  totalInstances: count.nullable(),
  quotas: z
    .array(z.object({ quota: z.string(), limit: z.number(), used: z.number(), needed: z.number() }))
    .meta({ description: 'What it would reserve at its peak, all that is installed with it included' }),
  dependencies: z
    .array(z.object({ pluginId: z.string(), pluginVersion: z.string() }))
    .meta({ description: 'What would be installed first, in this order' }),
  waitsFor: z
    .array(z.string())
    .meta({ description: 'Deployments under way that it would wait for before it starts' }),
  enforcement: enforcement
    .nullable()
    .meta({ description: 'How its instances are held to their limits; null where they cannot run' }),
  approvals: z
    .object({ required: count, roles: z.array(z.string()) })
    .meta({ description: 'How many others have to approve it before it starts, and of which roles' }),
  warnings: z.array(z.string()),
  problems: z.array(PlanProblem),
});

export const DependencyQuestion = z.strictObject({
  pluginId: dnsLabel('PluginId'),
  pluginVersion: semanticVersion,
  tenantId: dnsLabel('TenantId')
    .optional()
    .meta({ description: 'Your own when left out; a PlatformAdmin names one' }),
  environment: environment.default('Production'),
});

export const DependencyAnswer = z.object({
  pluginId: z.string(),
  pluginVersion: z.string(),
  tenantId: z.string(),
  environment,
  valid: z.boolean(),
  install: DependencyGraph.shape.nodes.meta({
    description: 'What it takes in all, in the order in which it is installed; some of it may be there',
  }),
  problems: z.array(DependencyProblem),
  warnings: z.array(z.string()),
});

export const GraphQuery = z.strictObject({
  environment: environment.optional().meta({
    description: 'Left out: the only one in which anything runs, else Production',
  }),
});

export const TenantDependencyGraph = z.object({
  tenantId: z.string(),
  environment,
  nodes: z.array(
    z.object({
      pluginId: z.string(),
      pluginVersion: z.string(),
      status: z.enum(['Active', 'Deploying']).meta({ description: 'Deploying: nothing of it runs yet' }),
    }),
  ),
  edges: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      type: z.enum(dependencyTypes),
      versionConstraint: z.string(),
      required: z.boolean(),
      satisfied: z.boolean().meta({ description: 'What runs of it fits; an optional one may be missing' }),
    }),
  ),
});

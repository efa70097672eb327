import { LATENCY_BUCKETS } from '@switchyard/rollout';
import { z } from 'zod';
import { healthStatuses, ToldHealthCheck } from './health.js';
import { EndpointAddress, environments } from './routing.js';

/**
 * What deployments and health tell each other by feeds. Read tolerantly: a field that a reader does not know is passed over,
 * and one that an older writer does not send has a default.
 */

/**
 * Written by deployments; key: the id of the instance set. First with the transaction that accepts a deployment, with no
 * instances yet, so that its health can be asked for from then on; removed when the set is gone.
 */
export const deployedSetsFeed = 'deployments.sets';
/** Written by health; key: the id of the instance set. Removed with the set. */
export const setHealthFeed = 'health.sets';

const id = z.string().min(1).max(256);
const count = z.number().int().min(0);

export const instanceStates = ['Starting', 'Ready', 'Stopping', 'Crashed'] as const;

export const DeployedInstance = z.object({
  instanceId: id,
  address: EndpointAddress.nullable().default(null),
  /** Of the instance protocol; a runner's command may have none. */
  protocol: z
    .object({ socketPath: z.string().startsWith('/').max(512) })
    .nullable()
    .default(null),
  ready: z.boolean().default(false),
  state: z.enum(instanceStates).default('Starting'),
  /** Why it is in this state, when there is more to say. */
  reason: z.string().max(2_000).nullable().default(null),
  usage: z
    .object({ cpu: z.number().min(0), memoryMB: z.number().min(0) })
    .nullable()
    .default(null),
});
export type DeployedInstance = z.output<typeof DeployedInstance>;

export const DeployedSet = z.object({
  setId: id,
  /** The latest deployment that ships this set: a rollback may bring an earlier one's set back. */
  deploymentId: id,
  tenantId: id,
  environment: z.enum(environments),
  pluginId: id,
  version: z.string().max(256),
  /** Of one instance. */
  resources: z.object({ maxCpu: z.number().gt(0), maxMemoryMB: z.number().gt(0) }),
  healthCheck: ToldHealthCheck.nullable().default(null),
  /** While a deployment of this installation is moving, of both its sets: what is counted then is told at once. */
  moving: z.boolean().default(false),
  instances: z.array(DeployedInstance).max(10_000).default([]),
});
export type DeployedSet = z.output<typeof DeployedSet>;
export type DeployedSetInput = z.input<typeof DeployedSet>;

/** Counters that only grow, in the shape in which the rollout engine reads them. */
export const CumulativeSamples = z.object({
  requests: count,
  errors: count,
  latency: z.object({
    counts: z.array(count).length(LATENCY_BUCKETS.length + 1),
    sumMs: z.number().min(0),
  }),
});

export const InstanceHealth = z.object({
  instanceId: id,
  consecutiveFailedChecks: count,
  verdict: z.enum(healthStatuses),
  checkedAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
});
export type InstanceHealth = z.output<typeof InstanceHealth>;

export const SetHealth = z.object({
  setId: id,
  samples: CumulativeSamples,
  verdict: z.enum(healthStatuses),
  reason: z.string().default(''),
  /** Those that were checked or judged; of others nothing is known. */
  instances: z.array(InstanceHealth).default([]),
});
export type SetHealth = z.output<typeof SetHealth>;

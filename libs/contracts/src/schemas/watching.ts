import { z } from 'zod';
import { dnsLabel, queryNumber } from './common.js';
import { deploymentStatuses, ListedDeployment } from './deployments.js';
import { environments } from './routing.js';

export const watchMediaTypes = ['application/x-ndjson', 'text/event-stream'] as const;
export const watchEventTypes = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;
export type WatchEventType = (typeof watchEventTypes)[number];

/** Where a list or a watch stands. What it consists of is nobody's business but ours. */
export const resourceVersion = z
  .string()
  .regex(/^[0-9a-z]{1,11}\.[0-9a-z]{1,11}$/, 'expected a resourceVersion as it was answered');

export const WatchQuery = z.strictObject({
  resourceVersion: resourceVersion
    .optional()
    .meta({ description: 'Only what came later is told; left out, all there is comes first' }),
  tenantId: dnsLabel('TenantId').optional(),
  pluginId: dnsLabel('PluginId').optional(),
  environment: z.enum(environments).optional(),
  status: z.enum(deploymentStatuses).optional(),
  timeoutSeconds: queryNumber(1, 3600)
    .prefault('1800')
    .meta({ description: 'When the answer ends by itself', openapi: { default: 1800 } }),
  allowBookmarks: z.enum(['true', 'false']).prefault('true').meta({
    description:
      'Whether a BOOKMARK tells at least every 30 seconds where the watch stands; false: an empty line',
  }),
});

/** One line. */
export const WatchEvent = z.object({
  type: z.enum(watchEventTypes),
  resourceVersion: z.string().nullable().meta({
    description: 'To go on from here; null before the first BOOKMARK when all there is comes first',
  }),
  object: z
    .union([ListedDeployment, z.record(z.string(), z.unknown())])
    .nullable()
    .meta({
      description: 'The deployment as lists show it; of an ERROR the error; of a BOOKMARK null',
    }),
});
export type WatchEvent = z.output<typeof WatchEvent>;

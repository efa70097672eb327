import { z } from 'zod';
import { nonEmptyLine, timestamp } from './common.js';
import { isoDurationMs } from './iso-duration.js';

export const healthStatuses = ['Healthy', 'Degraded', 'Unhealthy', 'Unknown'] as const;
export type HealthStatus = (typeof healthStatuses)[number];

const whole = (min: number, max: number) => z.number().int().min(min).max(max);
const percent = z.number().gt(0).max(100);

const timing = {
  intervalSeconds: whole(5, 300).default(30),
  timeoutSeconds: whole(1, 60).default(5),
  failureThreshold: whole(1, 10)
    .default(3)
    .meta({ description: 'Failed checks in a row that make an instance unhealthy' }),
  successThreshold: whole(1, 10)
    .default(1)
    .meta({ description: 'Passed checks in a row that make it healthy again' }),
  maxErrorRate: z.number().min(0).max(1).optional(),
  maxResponseTimeMs: whole(1, 3_600_000).optional(),
};

/** A path on the instance, never another host. */
const endpoint = z
  .string()
  .max(512)
  .regex(/^\/(?!\/)[\x21-\x7e]*$/, 'expected a path that begins with one slash');

const httpEndpoint = z.object({
  type: z.literal('HttpEndpoint'),
  httpEndpoint: endpoint.default('/health').meta({ description: 'Passed when it answers 2xx or 3xx' }),
  ...timing,
});
const custom = z.object({
  type: z.literal('Custom'),
  customCheck: nonEmptyLine(128).meta({ description: 'The name of a check that the plugin added' }),
  ...timing,
});
const resourceUsage = z.object({
  type: z.literal('ResourceUsage'),
  maxCpuPercent: percent.optional().meta({ description: "Of the version's maxCpu" }),
  maxMemoryPercent: percent.optional().meta({ description: "Of the version's maxMemoryMB" }),
  ...timing,
});
const errorRate = z.object({
  type: z.literal('ErrorRate'),
  ...timing,
  maxErrorRate: z.number().min(0).max(1).default(0.05),
});

/** What `deploy` may ask to be checked of every instance. */
export const HealthCheck = z
  .discriminatedUnion('type', [
    httpEndpoint.strict(),
    custom.strict(),
    resourceUsage.strict(),
    errorRate.strict(),
  ])
  .refine(
    (check) =>
      check.type !== 'ResourceUsage' ||
      check.maxCpuPercent !== undefined ||
      check.maxMemoryPercent !== undefined,
    { message: 'ResourceUsage needs maxCpuPercent, maxMemoryPercent or both', path: ['maxCpuPercent'] },
  );
export type HealthCheck = z.output<typeof HealthCheck>;
export type HealthCheckInput = z.input<typeof HealthCheck>;

/** As services tell it each other: what a newer one adds is passed over. */
export const ToldHealthCheck = z.discriminatedUnion('type', [httpEndpoint, custom, resourceUsage, errorRate]);

const share = z.number().min(0).max(1).nullable();
const amount = z.number().min(0).nullable();

export const DeploymentHealth = z.object({
  deploymentId: z.string(),
  status: z.enum(healthStatuses),
  reason: z.string().meta({ description: 'What decided the status, in one sentence' }),
  totalInstances: z.number().int(),
  healthyInstances: z.number().int(),
  unhealthyInstances: z.number().int(),
  metrics: z
    .object({
      avgResponseTime: amount.meta({ description: 'Milliseconds' }),
      errorRate: share,
      cpuUsage: amount.meta({ description: "Percent of the version's maximum" }),
      memoryUsage: amount.meta({ description: "Percent of the version's maximum" }),
      requestsPerSecond: amount,
    })
    .meta({ description: 'Of the last 60 seconds; null is no data' }),
  lastHealthCheck: timestamp.nullable(),
  instances: z.array(
    z.object({
      instanceId: z.string(),
      status: z.enum(healthStatuses),
      consecutiveFailedChecks: z.number().int(),
      reason: z.string().nullable(),
      checkedAt: timestamp.nullable(),
    }),
  ),
});
export type DeploymentHealth = z.output<typeof DeploymentHealth>;

const longestWindowMs = 30 * 86_400_000;
const shortestWindowMs = 60_000;

/** The length of a window that the query schema has let through. */
export const windowMs = (window: string): number => isoDurationMs(window) ?? 0;

export const HealthHistoryQuery = z.strictObject({
  window: z
    .string()
    .max(64)
    .refine(
      (text) => {
        const milliseconds = windowMs(text);
        return milliseconds >= shortestWindowMs && milliseconds <= longestWindowMs;
      },
      { message: 'expected an ISO 8601 duration in weeks, days, hours and minutes, from PT1M to P30D' },
    )
    .prefault('PT24H')
    .meta({
      description: 'How far back: an ISO 8601 duration from PT1M to P30D',
      openapi: { default: 'PT24H', format: 'duration' },
    }),
});

export const HealthHistory = z.object({
  deploymentId: z.string(),
  window: z.string(),
  dataPoints: z.array(
    z.object({
      timestamp,
      healthyInstances: z.number().int(),
      totalInstances: z.number().int(),
      avgResponseTime: amount,
      errorRate: share,
      requests: z.number().int(),
      cpuUsage: amount,
      memoryUsage: amount,
    }),
  ),
});
export type HealthHistory = z.output<typeof HealthHistory>;

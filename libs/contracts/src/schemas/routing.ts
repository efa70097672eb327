import { z } from 'zod';
import { roles } from '../roles.js';

/**
 * What deployments and gateways tell each other by feeds. Read tolerantly: a field that a reader does not know is
 * passed over, and one that an older writer does not send has a default.
 */

/** Written by deployments with the step that decides it; key: `installationKey`. */
export const routePolicyFeed = 'deployments.policies';
/** Written by deployments when a deployment has changed: whoever watches looks for what. */
export const deploymentChangesFeed = 'deployments.changes';
/** Written by deployments as the orchestrator tells it; key: the id of the instance set. */
export const routeEndpointsFeed = 'deployments.endpoints';
/** Written by every gateway about itself; key: its id. */
export const servedRoutesFeed = 'gateway.served';
/** Written by every gateway about the key it signs identities for plugins with; key: the key's id. */
export const pluginIdentityKeyFeed = 'gateway.plugin-keys';

export const installationKey = (of: { tenantId: string; environment: string; pluginId: string }): string =>
  `${of.tenantId}/${of.environment}/${of.pluginId}`;

export const environments = ['Development', 'QA', 'Staging', 'Production'] as const;
export type EnvironmentName = (typeof environments)[number];

export const slotNames = ['stable', 'candidate'] as const;
export type SlotName = (typeof slotNames)[number];

const id = z.string().min(1).max(256);
const milliseconds = z.number().int().min(1).max(3_600_000);
const perMinute = z.number().int().min(1).max(10_000_000).nullable().default(null);

export const RouteSlot = z.object({
  setId: id,
  deploymentId: id,
  version: z.string().max(256).optional(),
  /** Percent of the requests; those of both slots add up to 100. */
  weight: z.number().min(0).max(100),
});
export type RouteSlot = z.output<typeof RouteSlot>;

/** `*` stands for one part of a path, `**` at its end for all that follows. */
const PublicRoute = z.object({
  methods: z.array(z.string().max(32)),
  path: z.string().startsWith('/').max(512),
});

export const RoutePolicy = z.object({
  tenantId: id,
  environment: z.enum(environments),
  pluginId: id,
  /** What the installation answers to beside its plugin's id. */
  prefixes: z.array(z.string().min(1).max(63)).max(16).default([]),
  slots: z.object({
    stable: RouteSlot.nullable().default(null),
    candidate: RouteSlot.nullable().default(null),
  }),
  /** `user` keeps each user on one slot for as long as the weights and the salt stay. */
  sticky: z
    .discriminatedUnion('by', [
      z.object({ by: z.literal('none') }),
      z.object({ by: z.literal('user'), salt: z.string().max(256) }),
    ])
    .default({ by: 'none' }),
  /** What anybody may call without a token. */
  publicRoutes: z.array(PublicRoute).max(500).default([]),
  /** Who may choose the slot by `X-Switchyard-Slot`. */
  slotChoosers: z.array(z.enum(roles)).default(['PlatformAdmin', 'TenantAdmin', 'PluginDeveloper']),
  /** Requests that one instance gets at a time; null is no limit. */
  concurrencyPerInstance: z.number().int().min(1).max(100_000).nullable().default(null),
  /** Until the head of the answer is here. */
  timeoutMs: milliseconds.default(30_000),
  /** How long an answer, or a connection that was upgraded, may be silent. */
  idleTimeoutMs: milliseconds.default(600_000),
  retry: z.object({ attempts: z.number().int().min(0).max(1) }).default({ attempts: 1 }),
  limits: z
    .object({ requestsPerMinute: perMinute, requestsPerMinutePerCaller: perMinute })
    .default({ requestsPerMinute: null, requestsPerMinutePerCaller: null }),
  ejection: z
    .object({
      consecutiveFailures: z.number().int().min(1).max(1000).default(5),
      firstMs: milliseconds.default(10_000),
      mostMs: milliseconds.default(300_000),
    })
    .default({ consecutiveFailures: 5, firstMs: 10_000, mostMs: 300_000 }),
});
export type RoutePolicy = z.output<typeof RoutePolicy>;
export type RoutePolicyInput = z.input<typeof RoutePolicy>;

export const EndpointAddress = z.union([
  z.object({ socketPath: z.string().startsWith('/').max(512) }),
  z.object({ host: z.string().min(1).max(253), port: z.number().int().min(1).max(65_535) }),
]);
export type EndpointAddress = z.output<typeof EndpointAddress>;

export const RouteEndpoint = z.object({
  instanceId: id,
  address: EndpointAddress,
  /** One that is not ready gets nothing new. */
  ready: z.boolean().default(true),
});
export type RouteEndpoint = z.output<typeof RouteEndpoint>;

export const RouteEndpoints = z.object({ instances: z.array(RouteEndpoint).max(10_000) });
export type RouteEndpoints = z.output<typeof RouteEndpoints>;
export type RouteEndpointsInput = z.input<typeof RouteEndpoints>;

/** Dense within an epoch, as the feeds count. */
export const RouteVersion = z.object({ epoch: z.number().int(), version: z.number().int() });
export type RouteVersion = z.output<typeof RouteVersion>;

/**
 * What one gateway serves now. Written when it changes and as a heartbeat, removed at an orderly stop. A gateway whose
 * `at` lies further back than `servedLifeMs`, by the database's clock, has died or lost the database: it is waited for no
 * longer than the bound of whoever waits.
 */
export const ServedRoutes = z.object({
  gatewayId: id,
  /** Unix milliseconds of the database's clock. */
  at: z.number(),
  policies: RouteVersion.nullable(),
  endpoints: RouteVersion.nullable(),
  /** Instances that get nothing new here and still have requests to end. */
  draining: z.array(z.object({ setId: id, instanceId: id, requests: z.number().int().min(1) })),
});
export type ServedRoutes = z.output<typeof ServedRoutes>;

export const servedHeartbeatMs = 3_000;
export const servedLifeMs = 15_000;

/** Whether a gateway serves what was written as `wanted`, or something later. */
export const hasReached = (served: RouteVersion | null, wanted: RouteVersion): boolean =>
  served !== null &&
  (served.epoch > wanted.epoch || (served.epoch === wanted.epoch && served.version >= wanted.version));

import { z } from 'zod';
import { dnsLabel } from './common.js';
import type { Manifest } from './manifest.js';
import { checksum, Conflict, Dependency, DependencyGraph, semanticVersion } from './versions.js';

/** What the deployments service asks of the registry when they are processes of their own. No row of the table: no gateway leads there. */
export const registryDoorPaths = {
  pins: '/internal/pins',
  pinsOf: '/internal/pins/:holder',
  artifact: '/internal/artifacts/:digest',
  looks: '/internal/looks',
  resolutions: '/internal/resolutions',
} as const;

/** Who needs a version: a release, by its id. */
export const pinHolder = z.string().regex(/^[a-z]{2,8}-[a-z0-9]{1,64}$/);

export const DeployableRequest = z.strictObject({
  /** Whose installation it is for: what is private to others is not there. */
  tenantId: dnsLabel('TenantId'),
  pluginId: dnsLabel('PluginId'),
  version: semanticVersion,
});
export type DeployableRequest = z.output<typeof DeployableRequest>;

export const PinRequest = DeployableRequest.extend({ holder: pinHolder });
export type PinRequest = z.output<typeof PinRequest>;

/** What a deployment has to know of a version. */
export const DeployableVersion = z.object({
  pluginId: z.string(),
  version: z.string(),
  category: z.string(),
  digest: checksum,
  runtime: z.object({ type: z.string(), version: z.string() }),
  resources: z.object({
    minCpu: z.number(),
    maxCpu: z.number(),
    minMemoryMB: z.number(),
    maxMemoryMB: z.number(),
  }),
  /** As the registry has checked it. */
  manifest: z.custom<Partial<Manifest>>((value) => typeof value === 'object' && value !== null),
  /** JSON Schema; null: it takes any settings. */
  settingsSchema: z.record(z.string(), z.json()).nullable(),
  dependencies: z.array(Dependency),
  conflicts: z.array(Conflict),
  /** Whether its bytes are in the registry's store. */
  stored: z.boolean(),
  signed: z.boolean(),
  warnings: z.array(z.string()),
});
export type DeployableVersion = z.output<typeof DeployableVersion>;

/** Without holding it; `refusals` says why it could not be held. */
export const LookedAtVersion = DeployableVersion.extend({ refusals: z.array(z.string()) });
export type LookedAtVersion = z.output<typeof LookedAtVersion>;

const installed = z.strictObject({ id: z.string().max(128), version: semanticVersion });
/** What the version needs beside what is installed: the asker knows that better than the registry. */
export const ResolutionRequest = DeployableRequest.extend({ installed: z.array(installed).max(10_000) });
export type ResolutionRequest = z.output<typeof ResolutionRequest>;

export const Resolution = DependencyGraph.pick({ edges: true, problems: true, warnings: true }).extend({
  /** Dependencies first; the version itself is one of them. */
  install: DependencyGraph.shape.nodes,
});
export type Resolution = z.output<typeof Resolution>;

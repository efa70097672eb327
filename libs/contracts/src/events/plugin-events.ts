import { z } from 'zod';
import { pluginStatuses } from '../schemas/plugins.js';
import { versionStates } from '../schemas/versions.js';
import { defineEvent } from './define-event.js';

const pluginId = z.string();
const version = z.string();

export const pluginRegistered = defineEvent({
  type: 'plugin.registered',
  version: 1,
  data: z.object({ pluginId, version, publisherId: z.string(), category: z.string() }),
  key: 'plugin',
});
export const pluginStatusChanged = defineEvent({
  type: 'plugin.status-changed',
  version: 1,
  data: z.object({ pluginId, from: z.enum(pluginStatuses), to: z.enum(pluginStatuses) }),
  key: 'plugin',
});
export const pluginUpdated = defineEvent({
  type: 'plugin.updated',
  version: 1,
  data: z.object({ pluginId, changed: z.array(z.string()) }),
  key: 'plugin',
});
export const pluginDeleted = defineEvent({
  type: 'plugin.deleted',
  version: 1,
  data: z.object({ pluginId }),
  key: 'plugin',
});
export const versionAdded = defineEvent({
  type: 'plugin.version-added',
  version: 1,
  data: z.object({ pluginId, version, state: z.enum(versionStates) }),
  key: 'plugin',
});
export const versionStateChanged = defineEvent({
  type: 'plugin.version-state-changed',
  version: 1,
  data: z.object({ pluginId, version, from: z.enum(versionStates), to: z.enum(versionStates) }),
  key: 'plugin',
});
/** Whoever runs it has to act: a recalled version can no longer be deployed. */
export const versionRecalled = defineEvent({
  type: 'plugin.version-recalled',
  version: 1,
  data: z.object({
    pluginId,
    version,
    reason: z.string(),
    /** The first thousand; `runningCount` tells how many there are. */
    runningIn: z.array(z.object({ tenantId: z.string(), environment: z.string() })),
    runningCount: z.number().int(),
  }),
  key: 'plugin',
});
export const artifactStored = defineEvent({
  type: 'plugin.artifact-stored',
  version: 1,
  data: z.object({ pluginId, version, checksum: z.string(), size: z.number().int() }),
  key: 'plugin',
});
/** A PlatformAdmin registered for a publisher that there was not: the tenants service makes it. */
export const publisherRequested = defineEvent({
  type: 'plugin.publisher-requested',
  version: 1,
  data: z.object({ publisherId: z.string(), name: z.string() }),
  key: 'plugin',
});

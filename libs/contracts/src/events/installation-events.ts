import { z } from 'zod';
import { defineEvent } from './define-event.js';

/**
 * What a tenant's environment runs of a plugin, told by the deployments service whenever it changes; `version` is null
 * when nothing of it is left. `revision` rises with each change of the installation, so that a copy never goes back. An event
 * of the platform: it changes what everybody sees of the plugin.
 */
export const installationChanged = defineEvent({
  type: 'installation.changed',
  version: 1,
  data: z.object({
    tenantId: z.string(),
    pluginId: z.string(),
    environment: z.string(),
    version: z.string().nullable(),
    revision: z.number().int(),
  }),
  key: 'plugin',
});

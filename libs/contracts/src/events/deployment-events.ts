import { z } from 'zod';
import { deploymentStatuses } from '../schemas/deployments.js';
import { defineEvent } from './define-event.js';

/** A deployment was accepted, began, was paused or came to its end; `from` is null when it was accepted. */
export const deploymentStatusChanged = defineEvent({
  type: 'deployment.status-changed',
  version: 1,
  data: z.object({
    tenantId: z.string(),
    environment: z.string(),
    pluginId: z.string(),
    version: z.string(),
    deploymentId: z.string(),
    from: z.enum(deploymentStatuses).nullable(),
    to: z.enum(deploymentStatuses),
    stage: z.string().nullable(),
    /** Why it ended, in one sentence. */
    reason: z.string().nullable(),
  }),
  key: 'tenant',
});

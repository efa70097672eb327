import { z } from 'zod';
import { healthStatuses } from '../schemas/health.js';
import { defineEvent } from './define-event.js';

/** The health of a deployment's instances was judged differently than before. */
export const healthVerdictChanged = defineEvent({
  type: 'health.verdict-changed',
  version: 1,
  data: z.object({
    tenantId: z.string(),
    environment: z.string(),
    pluginId: z.string(),
    deploymentId: z.string(),
    setId: z.string(),
    from: z.enum(healthStatuses),
    to: z.enum(healthStatuses),
    reason: z.string(),
  }),
  key: 'tenant',
});

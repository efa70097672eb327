import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { runService } from '@switchyard/service';
import { z } from 'zod';
import { createHealthService } from './create-health-service.js';
import { healthSchema } from './schema.js';

await runService({
  name: 'health',
  options: z.object({}),
  schemas: [eventsSchema, auditSchema, healthSchema],
  create: createHealthService,
});

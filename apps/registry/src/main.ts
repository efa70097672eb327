import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { runService } from '@switchyard/service';
import { z } from 'zod';
import { createRegistryService } from './create-registry-service.js';
import { registrySchema } from './schema.js';

await runService({
  name: 'registry',
  options: z.object({}),
  schemas: [eventsSchema, auditSchema, registrySchema],
  create: createRegistryService,
});

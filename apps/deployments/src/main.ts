import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { runService } from '@switchyard/service';
import { z } from 'zod';
import { createDeploymentsService } from './create-deployments-service.js';
import { deploymentsSchema } from './schema.js';

await runService({
  name: 'deployments',
  options: z.object({}),
  schemas: [eventsSchema, auditSchema, deploymentsSchema],
  create: createDeploymentsService,
});

import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { runService } from '@switchyard/service';
import { createHealthService } from './create-health-service.js';
import { healthOptions, healthSettings } from './options.js';
import { healthSchema } from './schema.js';

await runService({
  name: 'health',
  options: healthOptions,
  schemas: [eventsSchema, auditSchema, healthSchema],
  create: (context, config) => createHealthService(context, healthSettings(config, context.clock)),
});

import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';
import { runService } from '@switchyard/service';
import { createRegistryService } from './create-registry-service.js';
import { registryContradictions, registryOptions } from './options.js';
import { openArtifacts, registrySettings } from './registry-settings.js';
import { registrySchema } from './schema.js';

await runService({
  name: 'registry',
  peer: 'deployments',
  options: registryOptions,
  contradictions: [
    ...registryContradictions,
    ({ ARTIFACT_DIR }) =>
      ARTIFACT_DIR ? undefined : 'ARTIFACT_DIR is required when the registry runs on its own',
  ],
  schemas: [eventsSchema, auditSchema, registrySchema],
  create: async (context, config) =>
    createRegistryService(
      context,
      registrySettings(config, context.clock),
      await openArtifacts(config, config.ARTIFACT_DIR ?? ''),
    ),
});

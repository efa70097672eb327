export { createRegistryService, type RegistryService } from './create-registry-service.js';
export { registryContradictions, registryOptions } from './options.js';
export { openArtifacts, registrySettings } from './registry-settings.js';
export { registrySchema } from './schema.js';

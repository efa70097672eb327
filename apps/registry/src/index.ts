export { createRegistryService } from './create-registry-service.js';
export { RegistryDoor } from './deploying/registry-door.js';
export { registryContradictions, registryOptions } from './options.js';
export { openArtifacts, registrySettings } from './registry-settings.js';
export { registrySchema } from './schema.js';

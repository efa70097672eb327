export { createRegistryService } from './create-registry-service.js';
export { registrySchema } from './schema.js';

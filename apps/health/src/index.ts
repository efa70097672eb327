export { createHealthService, type HealthService } from './create-health-service.js';
export { healthOptions, healthSettings } from './options.js';
export { healthSchema } from './schema.js';

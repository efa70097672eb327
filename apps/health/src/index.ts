export { createHealthService } from './create-health-service.js';
export { healthSchema } from './schema.js';

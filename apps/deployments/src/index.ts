export { createDeploymentsService } from './create-deployments-service.js';
export { deploymentsSchema } from './schema.js';

export { createTenantsService } from './create-tenants-service.js';
export {
  adminIsHalf,
  adminIsWeak,
  outboundIsUnclear,
  tenantsOptions,
  type TenantsConfig,
} from './options.js';
export { tenantsSchema } from './schema.js';
export { TenantsOptions } from './tenants-options.js';
export { tenantsSettings } from './tenants-settings.js';

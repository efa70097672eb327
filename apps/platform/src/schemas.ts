import { deploymentsSchema } from '@switchyard/app-deployments';
import { gatewaySchema } from '@switchyard/app-gateway';
import { healthSchema } from '@switchyard/app-health';
import { registrySchema } from '@switchyard/app-registry';
import { tenantsSchema } from '@switchyard/app-tenants';
import { auditSchema } from '@switchyard/audit';
import { eventsSchema } from '@switchyard/events';

/** All there are, the shared ones first. */
export const schemas = [
  eventsSchema,
  auditSchema,
  tenantsSchema,
  registrySchema,
  deploymentsSchema,
  healthSchema,
  gatewaySchema,
];

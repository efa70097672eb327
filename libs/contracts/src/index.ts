export { defineEvent, type EventData, type EventDefinition } from './events/define-event.js';
export { tenantCreated, tenantPurged, TenantState, tenantUpdated } from './events/tenant-events.js';
export { deploymentStatusChanged } from './events/deployment-events.js';
export { healthVerdictChanged } from './events/health-events.js';
export { installationChanged } from './events/installation-events.js';
export * from './events/plugin-events.js';
export { roles, tenantRoles, type Role } from './roles.js';
export {
  defaultBudgets,
  type BudgetName,
  type HttpMethod,
  type Route,
  type RouteInput,
  type RouteOutput,
} from './route.js';
export { allRoutes, routes, type RouteId } from './route-table.js';
export * from './schemas/approvals.js';
export * from './schemas/audit.js';
export * from './schemas/capabilities.js';
export { maxOffset } from './schemas/common.js';
export * from './schemas/dead-letters.js';
export * from './schemas/deployments.js';
export * from './schemas/health.js';
export * from './schemas/instance-health.js';
export * from './schemas/outside-issuers.js';
export { Manifest } from './schemas/manifest.js';
export * from './schemas/marketplace.js';
export * from './schemas/people.js';
export * from './schemas/planning.js';
export * from './schemas/plugins.js';
export { publisherIdOf } from './schemas/publisher-id.js';
export * from './schemas/publishers.js';
export * from './schemas/registry-door.js';
export * from './schemas/routing.js';
export * from './schemas/samples.js';
export * from './schemas/tenants.js';
export * from './schemas/versions.js';

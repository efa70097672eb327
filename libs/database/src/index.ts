export { requestWrites, type BeforeCommit, type RequestWrite } from './before-commit.js';
export { placeValues, type Condition } from './condition.js';
export { containing } from './containing.js';
export { decodeCursor, encodeCursor } from './cursor.js';
export { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded-postgres.js';
export { isAlive } from './embedded/server-process.js';
export {
  ownerRole,
  platformRole,
  quoteIdentifier,
  quoteLiteral,
  serviceRole,
  services,
  type ServiceName,
} from './identifiers.js';
export { listPage, type ListQuery, type Page, type PageOf, type Sort } from './list-page.js';
export { migrate, type MigrateOptions, type SchemaMigrations } from './migrate.js';
export { roleStatements, rolePassword, serviceUrl } from './roles.js';
export { checkServiceRole } from './check-service-role.js';
export { platformOnly, tenantIsolation } from './row-level-security.js';
export { ServiceDatabase, type ServiceDatabaseOptions } from './service-database.js';
export type { Transaction } from './transaction.js';

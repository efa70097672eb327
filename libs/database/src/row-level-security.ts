import { platformRole, quoteIdentifier, serviceRole, type ServiceName } from './identifiers.js';

/**
 * The statements that close a tenant-owned table: the service's role sees the rows of the tenant in its
 * transaction, none without one; the platform role sees all. Forced, so that the owner is bound too.
 */
export function tenantIsolation(service: ServiceName, table: string, column = 'tenant_id'): string[] {
  const name = `${quoteIdentifier(service)}.${quoteIdentifier(table)}`;
  const own = `${quoteIdentifier(column)} = (SELECT current_setting('switchyard.tenant', true))`;
  return [
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant ON ${name} TO ${quoteIdentifier(serviceRole(service))} USING (${own}) WITH CHECK (${own})`,
    `CREATE POLICY platform ON ${name} TO ${quoteIdentifier(platformRole(service))} USING (true) WITH CHECK (true)`,
  ];
}

/** For tables of the platform itself (keys, throttles): no tenant transaction reaches them at all. */
export function platformOnly(service: ServiceName, table: string): string[] {
  const name = `${quoteIdentifier(service)}.${quoteIdentifier(table)}`;
  return [
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY platform ON ${name} TO ${quoteIdentifier(platformRole(service))} USING (true) WITH CHECK (true)`,
  ];
}

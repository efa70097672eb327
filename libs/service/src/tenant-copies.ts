import { Controller, type DynamicModule, type Type } from '@nestjs/common';
import {
  tenantCreated,
  tenantPurged,
  tenantUpdated,
  type EventData,
  type TenantState,
} from '@switchyard/contracts';
import { quoteIdentifier, tenantIsolation, type ServiceName, type Transaction } from '@switchyard/database';
import { Consumes, type DomainEvent, type EventContext } from '@switchyard/events';

/** What a service keeps of the tenants, so that it never has to ask the tenants service. */
export const tenantCopyStatements = (service: ServiceName): string[] => [
  `CREATE TABLE ${quoteIdentifier(service)}.tenant_copies (
    tenant_id text PRIMARY KEY,
    version int NOT NULL,
    state jsonb NOT NULL
  )`,
  ...tenantIsolation(service, 'tenant_copies'),
];

/** A controller that keeps the service's copies true; the service's module lists it. */
export function tenantCopiesController(service: ServiceName): Type<unknown> {
  const table = `${quoteIdentifier(service)}.tenant_copies`;

  @Controller()
  class TenantCopies {
    @Consumes(tenantCreated, service)
    async created(event: DomainEvent<EventData<typeof tenantCreated>>, { tx }: EventContext): Promise<void> {
      await keep(tx, event.data);
    }

    @Consumes(tenantUpdated, service)
    async updated(event: DomainEvent<EventData<typeof tenantUpdated>>, { tx }: EventContext): Promise<void> {
      await keep(tx, event.data);
    }

    @Consumes(tenantPurged, service)
    async purged(event: DomainEvent<EventData<typeof tenantPurged>>, { tx }: EventContext): Promise<void> {
      await tx.run(`DELETE FROM ${table} WHERE tenant_id = $1`, [event.data.tenantId]);
    }
  }

  // A copy never goes back, in whatever order events arrive.
  const keep = (tx: Transaction, state: TenantState): Promise<number> =>
    tx.run(
      `INSERT INTO ${table} AS copy (tenant_id, version, state) VALUES ($1, $2, $3::jsonb)
       ON CONFLICT (tenant_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state WHERE copy.version < EXCLUDED.version`,
      [state.tenantId, state.version, JSON.stringify(state)],
    );

  return TenantCopies;
}

/** A service that so far only knows the tenants. */
export const tenantCopiesModule = (module: Type<unknown>, service: ServiceName): DynamicModule => ({
  module,
  controllers: [tenantCopiesController(service)],
});

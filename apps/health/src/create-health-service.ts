import { createService, tenantCopiesModule, type Service, type ServiceContext } from '@switchyard/service';

export class HealthModule {}

export function createHealthService(context: ServiceContext): Promise<Service> {
  return createService({
    name: 'health',
    module: tenantCopiesModule(HealthModule, 'health'),
    logger: context.logger,
    database: context.database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    readiness: async () => [await context.database.readiness()],
  });
}

import { createService, tenantCopiesModule, type Service, type ServiceContext } from '@switchyard/service';

export class RegistryModule {}

export function createRegistryService(context: ServiceContext): Promise<Service> {
  return createService({
    name: 'registry',
    module: tenantCopiesModule(RegistryModule, 'registry'),
    logger: context.logger,
    database: context.database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    readiness: async () => [await context.database.readiness()],
  });
}

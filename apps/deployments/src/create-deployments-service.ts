import { createService, tenantCopiesModule, type Service, type ServiceContext } from '@switchyard/service';

export class DeploymentsModule {}

export function createDeploymentsService(context: ServiceContext): Promise<Service> {
  return createService({
    name: 'deployments',
    module: tenantCopiesModule(DeploymentsModule, 'deployments'),
    logger: context.logger,
    database: context.database,
    events: context.events,
    verifyIdentity: context.verifyIdentity,
    readiness: async () => [await context.database.readiness()],
  });
}

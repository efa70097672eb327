import { Controller } from '@nestjs/common';
import { installationKey, routePolicyFeed, tenantPurged, type EventData } from '@switchyard/contracts';
import { Consumes, feedRemove, type DomainEvent, type EventContext } from '@switchyard/events';
import { removeTenant } from './purge.store.js';

/** When a tenant is gone for good, nothing of it runs, and nothing is kept. */
@Controller()
export class PurgeController {
  @Consumes(tenantPurged, 'deployments.purge')
  async purged({ data }: DomainEvent<EventData<typeof tenantPurged>>, { tx }: EventContext): Promise<void> {
    for (const { tenant_id: tenantId, environment, plugin_id: pluginId } of await removeTenant(
      tx,
      data.tenantId,
    ))
      await feedRemove(tx, routePolicyFeed, installationKey({ tenantId, environment, pluginId }));
  }
}

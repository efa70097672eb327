import { Controller } from '@nestjs/common';
import { setHealthFeed, tenantPurged, type EventData } from '@switchyard/contracts';
import { Consumes, feedRemove, type DomainEvent, type EventContext } from '@switchyard/events';

/** Removes what is kept of a tenant whose grace period is over. */
@Controller()
export class PurgeController {
  @Consumes(tenantPurged, 'health.purge')
  async purged({ data }: DomainEvent<EventData<typeof tenantPurged>>, { tx }: EventContext): Promise<void> {
    const sets = await tx.query<{ set_id: string }>(
      'DELETE FROM health.sets WHERE tenant_id = $1 RETURNING set_id',
      [data.tenantId],
    );
    for (const { set_id } of sets) await feedRemove(tx, setHealthFeed, set_id);
    for (const table of ['deployments', 'checks', 'buckets'])
      await tx.run(`DELETE FROM health.${table} WHERE tenant_id = $1`, [data.tenantId]);
  }
}

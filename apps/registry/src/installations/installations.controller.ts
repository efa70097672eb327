import { Controller } from '@nestjs/common';
import { installationChanged, tenantPurged, type EventData } from '@switchyard/contracts';
import { Consumes, type DomainEvent, type EventContext } from '@switchyard/events';
import { takeStep } from '../plugins/change-status.js';
import { lockPlugin } from '../plugins/plugin.store.js';
import { countInstallations } from './count-due.js';

/** Keeps what the registry knows of installations true: counters, who a recall concerns, who may review. */
@Controller()
export class InstallationsController {
  @Consumes(installationChanged, 'registry.installations')
  async changed(
    { data }: DomainEvent<EventData<typeof installationChanged>>,
    { tx }: EventContext,
  ): Promise<void> {
    // A row stays when the installation is gone: an older event that comes late must not bring it back.
    const taken = await tx.run(
      `INSERT INTO registry.installations AS i (tenant_id, environment, plugin_id, semantic_version, revision) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, environment, plugin_id) DO UPDATE SET semantic_version = excluded.semantic_version, revision = excluded.revision
       WHERE i.revision < excluded.revision`,
      [data.tenantId, data.environment, data.pluginId, data.version, data.revision],
    );
    if (taken === 0) return;
    const plugin = await lockPlugin(tx, data.pluginId);
    if (!plugin) return;
    if (data.version !== null) await takeStep(tx, plugin, 'deploy');
    await countInstallations(tx, data.pluginId);
  }

  /** In the tenant's own context: what everybody sees of a plugin is counted anew afterwards. */
  @Consumes(tenantPurged, 'registry.purge')
  async purged({ data }: DomainEvent<EventData<typeof tenantPurged>>, { tx }: EventContext): Promise<void> {
    const { tenantId } = data;
    await tx.run(
      `INSERT INTO registry.counts_due (plugin_id)
       SELECT plugin_id FROM registry.installations WHERE tenant_id = $1 UNION SELECT plugin_id FROM registry.reviews WHERE tenant_id = $1`,
      [tenantId],
    );
    for (const table of ['installations', 'reviews', 'plugin_grants'])
      await tx.run(`DELETE FROM registry.${table} WHERE tenant_id = $1`, [tenantId]);
  }
}

import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { countRatings } from '../marketplace/review.store.js';
import { lockPlugin } from '../plugins/plugin.store.js';

/** Tenants that have it, whatever the number of their environments. Counted anew: a sum that is wrong once stays wrong. */
export const countInstallations = (tx: Transaction, pluginId: string): Promise<number> =>
  tx.run(
    `UPDATE registry.plugins p SET installation_count =
       (SELECT count(DISTINCT tenant_id) FROM registry.installations i WHERE i.plugin_id = p.plugin_id AND i.semantic_version IS NOT NULL)
     WHERE plugin_id = $1`,
    [pluginId],
  );

/** What was changed in a tenant's context, which reaches no plugin's row. */
export async function countDue(database: ServiceDatabase): Promise<void> {
  await database.withPlatform('count installations and ratings', async (tx) => {
    const due = await tx.query<{ plugin_id: string }>('DELETE FROM registry.counts_due RETURNING plugin_id');
    for (const pluginId of new Set(due.map(({ plugin_id }) => plugin_id).sort())) {
      // Counted after the lock: an update that waits for it would count what it saw before.
      if (!(await lockPlugin(tx, pluginId))) continue;
      await countInstallations(tx, pluginId);
      await countRatings(tx, pluginId);
    }
  });
}

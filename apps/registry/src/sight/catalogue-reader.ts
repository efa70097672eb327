import type { Identity } from '@switchyard/auth';
import { placeValues, type ServiceDatabase, type Condition, type Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import type { PluginRow } from '../plugins/plugin.store.js';

/** What somebody sees of the catalogue, beside what the transaction's context hides by itself. */
export interface Sight {
  tx: Transaction;
  /** To be added to every question about `registry.seen_plugins`. */
  where: readonly Condition[];
}

/** Public plugins are everybody's; private ones are seen by the tenants they were granted to, their publisher, and PlatformAdmins. */
export class CatalogueReader {
  constructor(private readonly database: ServiceDatabase) {}

  async read<T>(who: Identity, work: (sight: Sight) => Promise<T>): Promise<T> {
    if (who.role === 'PlatformAdmin')
      return await this.database.withPlatform('read the catalogue as its administrator', (tx) =>
        work({ tx, where: [] }),
      );
    // A publisher is not one tenant's: row-level security knows tenants only, so the condition stands here.
    if (who.role === 'PluginDeveloper')
      return await this.database.withPlatform('read the catalogue as a publisher', (tx) =>
        work({ tx, where: [ownOrGranted(who)] }),
      );
    return await this.database.withTenant(who.tenant ?? '', (tx) => work({ tx, where: [] }));
  }
}

const ownOrGranted = (who: Identity): Condition => ({
  sql: `(visibility = 'Public' OR publisher_id = ANY(?) OR plugin_id IN (SELECT g.plugin_id FROM registry.plugin_grants g WHERE g.tenant_id = ?))`,
  values: [who.publishers, who.tenant],
});

/** One plugin, if they see it. */
export async function findSeen({ tx, where }: Sight, pluginId: string): Promise<PluginRow | undefined> {
  const values: unknown[] = [pluginId];
  const conditions = where.map((condition) => ` AND ${placeValues(condition, values)}`);
  return await tx.one<PluginRow>(
    `SELECT * FROM registry.seen_plugins WHERE plugin_id = $1${conditions.join('')}`,
    values,
  );
}

export async function mustSee(sight: Sight, pluginId: string): Promise<PluginRow> {
  const row = await findSeen(sight, pluginId);
  if (!row) throw notFound('Plugin', pluginId);
  return row;
}

import type { Transaction } from '@switchyard/database';
import { newestVersions } from '../versions/version.store.js';
import type { PluginParts } from './plugin-view.js';

/** What is shown beside a plugin's own row. */
export async function readPluginParts(tx: Transaction, pluginId: string): Promise<Omit<PluginParts, 'row'>> {
  const [versions, capabilities] = await Promise.all([
    newestVersions(tx, pluginId),
    tx.query<{ capability_id: string; name: string }>(
      'SELECT capability_id, name FROM registry.plugin_capabilities WHERE plugin_id = $1 ORDER BY capability_id',
      [pluginId],
    ),
  ]);
  return { versions, capabilities };
}

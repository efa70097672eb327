import type { Transaction } from '@switchyard/database';
import { isDeepStrictEqual } from 'node:util';
import { capabilitiesOf, countCapabilities } from '../capabilities/keep-capabilities.js';
import { listGrants, replaceGrants, savePlugin, type PluginRow } from './plugin.store.js';

export interface Access {
  visibility: PluginRow['visibility'];
  /** Sorted. */
  tenants: readonly string[];
}

/** Of a plugin that is locked; says what changed. */
export async function changeAccess(tx: Transaction, plugin: PluginRow, wanted: Access): Promise<string[]> {
  const { plugin_id: pluginId, visibility } = plugin;
  const changed: string[] = [];
  if (!isDeepStrictEqual((await listGrants(tx, pluginId)).toSorted(), wanted.tenants)) {
    await replaceGrants(tx, pluginId, wanted.tenants);
    changed.push('tenants');
  }
  if (visibility !== wanted.visibility) {
    // Only what everybody sees is featured.
    const featured = wanted.visibility === 'Public' && plugin.featured;
    await savePlugin(tx, plugin, { visibility: wanted.visibility, featured });
    await countCapabilities(tx, await capabilitiesOf(tx, pluginId));
    changed.push('visibility');
  }
  return changed;
}

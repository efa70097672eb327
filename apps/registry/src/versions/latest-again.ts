import type { Transaction } from '@switchyard/database';
import { keepCapabilities } from '../capabilities/keep-capabilities.js';
import { savePlugin, type PluginRow } from '../plugins/plugin.store.js';
import { latestVersion } from './latest-version.js';
import { capabilitiesAt, versionsOf } from './version.store.js';

/** After a version of it has changed. */
export async function latestAgain(tx: Transaction, plugin: PluginRow): Promise<PluginRow> {
  const versions = await versionsOf(tx, plugin.plugin_id);
  const latest = latestVersion(versions);
  if (latest === undefined || latest === plugin.latest_version) return plugin;
  const after = await savePlugin(tx, plugin, { latest_version: latest });
  await keepCapabilities(tx, plugin.plugin_id, await capabilitiesAt(tx, plugin.plugin_id, latest));
  return after;
}

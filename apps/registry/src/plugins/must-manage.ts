import type { Identity } from '@switchyard/auth';
import type { Transaction } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { identityOf, type EdgeCall } from '@switchyard/service';
import { lockPlugin, type PluginRow } from './plugin.store.js';

const manages = (who: Identity, publisherId: string): boolean =>
  who.role === 'PlatformAdmin' || who.publishers.includes(publisherId);

/** The plugin, locked, for those who may change it; a private one of somebody else does not exist for the caller. */
export async function mustManage(tx: Transaction, call: EdgeCall, pluginId: string): Promise<PluginRow> {
  const who = identityOf(call);
  const plugin = await lockPlugin(tx, pluginId);
  if (!plugin) throw notFound('Plugin', pluginId);
  if (manages(who, plugin.publisher_id)) return plugin;
  if (plugin.visibility === 'Private' && !(await isGranted(tx, who, pluginId)))
    throw notFound('Plugin', pluginId);
  throw new AppError('FORBIDDEN', `"${pluginId}" belongs to a publisher that you are not a member of`);
}

const isGranted = async (tx: Transaction, who: Identity, pluginId: string): Promise<boolean> =>
  (await tx.one('SELECT 1 FROM registry.plugin_grants WHERE plugin_id = $1 AND tenant_id = $2', [
    pluginId,
    who.tenant,
  ])) !== undefined;

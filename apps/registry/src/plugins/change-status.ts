import { pluginStatusChanged } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import { capabilitiesOf, countCapabilities } from '../capabilities/keep-capabilities.js';
import { afterStep, possibleSteps, type PluginStep } from './plugin-status.js';
import { savePlugin, type PluginChange, type PluginRow } from './plugin.store.js';

/** Takes a step of the status table with a plugin that is locked; a step that leads nowhere changes nothing. */
export async function takeStep(
  tx: Transaction,
  plugin: PluginRow,
  step: PluginStep,
  change: PluginChange = {},
): Promise<PluginRow> {
  const now = { status: plugin.status, statusBefore: plugin.status_before };
  const next = afterStep(now, step);
  if (!next) {
    const possible = possibleSteps(plugin.status).filter((s) => s !== 'pass-checks' && s !== 'deploy');
    throw conflict(
      `"${plugin.plugin_id}" is ${plugin.status}: ${step} is not possible${possible.length > 0 ? `, but ${possible.join(' or ')} is` : ''}`,
    );
  }
  if (next.status === plugin.status && Object.keys(change).length === 0) return plugin;
  const row = await savePlugin(tx, plugin, {
    ...change,
    status: next.status,
    status_before: next.statusBefore,
  });
  if (next.status === plugin.status) return row;
  if (next.status === 'Archived' || plugin.status === 'Archived')
    await countCapabilities(tx, await capabilitiesOf(tx, plugin.plugin_id));
  await publish(tx, pluginStatusChanged, {
    tenant: null,
    key: plugin.plugin_id,
    data: { pluginId: plugin.plugin_id, from: plugin.status, to: next.status },
  });
  return row;
}

import { pluginStatusChanged } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import { isDeepStrictEqual } from 'node:util';
import { capabilitiesOf, countCapabilities } from '../capabilities/keep-capabilities.js';
import { afterStep, peopleSteps, possibleSteps, type PluginStep } from './plugin-status.js';
import { savePlugin, type PluginChange, type PluginRow } from './plugin.store.js';

/** Takes a step of the status table with a plugin that is locked; one that changes nothing answers the very same row. */
export async function takeStep(
  tx: Transaction,
  plugin: PluginRow,
  step: PluginStep,
  change: PluginChange = {},
): Promise<PluginRow> {
  const now = { status: plugin.status, statusBefore: plugin.status_before };
  const next = afterStep(now, step);
  if (!next) throw conflict(`"${plugin.plugin_id}" is ${plugin.status}: ${whyNot(plugin, step)}`);
  if (next.status === plugin.status && isSaid(plugin, change)) return plugin;
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

function whyNot({ status }: PluginRow, step: PluginStep): string {
  const asked = step in peopleSteps ? peopleSteps[step as keyof typeof peopleSteps] : step;
  return `it cannot be ${asked}, but ${possibleSteps(status)
    .map((possible) => peopleSteps[possible])
    .join(' or ')}`;
}

const isSaid = (plugin: PluginRow, change: PluginChange): boolean =>
  (Object.keys(change) as (keyof PluginChange)[]).every((name) =>
    isDeepStrictEqual(plugin[name], change[name]),
  );

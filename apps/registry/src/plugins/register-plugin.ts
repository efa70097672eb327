import { pluginRegistered, type RegisterPlugin, type Warning } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import { audited, identityOf, type EdgeCall } from '@switchyard/service';
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { keepCapabilities } from '../capabilities/keep-capabilities.js';
import { publisherFor } from '../publishers/known-publishers.js';
import { alreadyThere, mustBeUnused, newVersionRow } from '../versions/add-version.js';
import { mustBeSound, problemsOf } from '../versions/check-new-version.js';
import { findVersion, insertVersion, type VersionRow } from '../versions/version.store.js';
import { findRetired, insertPlugin, lockPlugin, type NewPlugin, type PluginRow } from './plugin.store.js';

type Wanted = z.output<typeof RegisterPlugin>;

export interface Registered {
  plugin: PluginRow;
  version: VersionRow;
  publisher: { id: string; name: string };
  isNew: boolean;
  warnings: z.output<typeof Warning>[];
}

/**
 * Safe to repeat: the same plugin, version and checksum answer with what is there. Decided by the insert, so that of any
 * number at once one is the first.
 */
export async function registerPlugin(tx: Transaction, call: EdgeCall, wanted: Wanted): Promise<Registered> {
  mustBeSound(problemsOf(wanted.pluginId, wanted.version, 'version'));
  const publisher = await publisherFor(tx, identityOf(call), wanted.publisher);
  await mustBeFree(tx, wanted.pluginId, publisher.id);
  const row: NewPlugin = {
    plugin_id: wanted.pluginId,
    name: wanted.name,
    description: wanted.description ?? null,
    category: wanted.category,
    publisher_id: publisher.id,
    icon_url: wanted.iconUrl ?? null,
    documentation_url: wanted.documentationUrl ?? null,
    repository_url: wanted.repositoryUrl ?? null,
    tags: wanted.tags,
    visibility: wanted.visibility,
    latest_version: wanted.version.semanticVersion,
  };
  const plugin = await insertPlugin(tx, row);
  if (!plugin) return await again(tx, wanted, row, publisher);
  await mustBeUnused(tx, plugin.plugin_id, wanted.version.semanticVersion);
  const version = await insertVersion(
    tx,
    newVersionRow(plugin.plugin_id, wanted.version, wanted.capabilities),
  );
  if (!version) throw new Error('a version came to be before its plugin');
  await keepCapabilities(tx, plugin.plugin_id, wanted.capabilities);
  await audited(tx, call, {
    tenant: null,
    action: 'plugin.registered',
    subject: plugin.plugin_id,
    details: { publisher: publisher.id, version: version.semantic_version, checksum: version.checksum },
  });
  await publish(tx, pluginRegistered, {
    tenant: null,
    key: plugin.plugin_id,
    data: {
      pluginId: plugin.plugin_id,
      version: version.semantic_version,
      publisherId: publisher.id,
      category: plugin.category,
    },
  });
  return { plugin, version, publisher, isNew: true, warnings: [] };
}

/** A deleted plugin's id leads whoever trusted it to its publisher still: nobody else gets it. */
async function mustBeFree(tx: Transaction, pluginId: string, publisherId: string): Promise<void> {
  const retired = await findRetired(tx, pluginId);
  if (retired && retired.publisher_id !== publisherId)
    throw conflict(`The id "${pluginId}" belonged to another publisher and is not given away`, [
      { field: 'pluginId', message: 'is taken', received: pluginId },
    ]);
}

async function again(
  tx: Transaction,
  wanted: Wanted,
  row: NewPlugin,
  publisher: Registered['publisher'],
): Promise<Registered> {
  const plugin = await lockPlugin(tx, row.plugin_id);
  // Deleted between the two statements: then the caller may simply ask again.
  if (!plugin || plugin.publisher_id !== publisher.id)
    throw conflict(`The id "${row.plugin_id}" is taken`, [
      { field: 'pluginId', message: 'is taken', received: row.plugin_id },
    ]);
  const known = await findVersion(tx, plugin.plugin_id, wanted.version.semanticVersion);
  if (!known) {
    const path = `/api/v1/plugins/${plugin.plugin_id}/versions`;
    throw conflict(`"${plugin.plugin_id}" exists; add a version to it with POST ${path}`, [
      {
        field: 'version.semanticVersion',
        message: `is new: use POST ${path}`,
        received: wanted.version.semanticVersion,
      },
    ]);
  }
  const { warnings } = alreadyThere(
    known,
    newVersionRow(plugin.plugin_id, wanted.version, wanted.capabilities),
    'version',
  );
  return {
    plugin,
    version: known,
    publisher,
    isNew: false,
    warnings: [...ignoredFields(plugin, row), ...warnings],
  };
}

function ignoredFields(plugin: PluginRow, asked: NewPlugin): z.output<typeof Warning>[] {
  const fields = {
    name: 'name',
    description: 'description',
    category: 'category',
    icon_url: 'iconUrl',
    documentation_url: 'documentationUrl',
    repository_url: 'repositoryUrl',
    tags: 'tags',
    visibility: 'visibility',
  } as const;
  return (Object.keys(fields) as (keyof typeof fields)[])
    .filter((name) => !isDeepStrictEqual(plugin[name], asked[name]))
    .map((name) => ({
      field: fields[name],
      message: `differs from what is registered and was ignored; change it with PATCH /api/v1/plugins/${plugin.plugin_id}`,
    }));
}

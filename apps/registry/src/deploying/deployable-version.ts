import type { DeployableVersion } from '@switchyard/contracts';
import type { PluginRow } from '../plugins/plugin.store.js';
import type { VersionRow } from '../versions/version.store.js';

export const deployableVersion = (plugin: PluginRow, row: VersionRow): DeployableVersion => ({
  pluginId: plugin.plugin_id,
  version: row.semantic_version,
  category: plugin.category,
  digest: row.checksum,
  runtime: row.runtime,
  resources: row.resources,
  manifest: row.manifest ?? {},
  stored: row.artifact !== null,
  signed: row.signed,
  warnings:
    row.deprecation === null
      ? []
      : [`${plugin.plugin_id} ${row.semantic_version} is deprecated: ${row.deprecation.message}`],
});

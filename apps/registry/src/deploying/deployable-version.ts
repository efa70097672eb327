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
  settingsSchema: settingsSchemaOf(row),
  dependencies: row.dependencies,
  conflicts: row.conflicts,
  stored: row.artifact !== null,
  signed: row.signed,
  warnings:
    row.deprecation === null
      ? []
      : [`${plugin.plugin_id} ${row.semantic_version} is deprecated: ${row.deprecation.message}`],
});

/** Both say the same where both say anything. */
function settingsSchemaOf({
  configuration_schema: text,
  manifest,
}: VersionRow): DeployableVersion['settingsSchema'] {
  const schema: unknown = text === null ? manifest?.['settingsSchema'] : JSON.parse(text);
  return (schema as DeployableVersion['settingsSchema'] | undefined) ?? null;
}

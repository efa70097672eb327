import type { PluginVersion, VersionListItem } from '@switchyard/contracts';
import type { z } from 'zod';
import type { ListedVersion, VersionRow } from './version.store.js';

export const listedVersionView = (row: ListedVersion): z.output<typeof VersionListItem> => ({
  versionId: row.version_id,
  pluginId: row.plugin_id,
  semanticVersion: row.semantic_version,
  state: row.state,
  runtime: row.runtime,
  resources: row.resources,
  binaryUrl: row.binary_url,
  checksum: row.checksum,
  artifact: row.artifact && {
    size: row.artifact.size,
    format: row.artifact.format,
    uploadedAt: row.artifact.uploadedAt,
  },
  deprecation: row.deprecation,
  recall: row.recall,
  signed: row.signed,
  downloads: Number(row.downloads),
  createdAt: row.created_at.toISOString(),
});

export const versionView = (row: VersionRow): z.output<typeof PluginVersion> => ({
  ...listedVersionView(row),
  configurationSchema: row.configuration_schema,
  dependencies: row.dependencies,
  conflicts: row.conflicts,
  capabilities: row.capabilities.map(({ capabilityId, name, version }) => ({ capabilityId, name, version })),
  manifest: row.manifest as z.output<typeof PluginVersion>['manifest'],
  releaseNotes: row.release_notes,
});

import type { Plugin, PluginSummary } from '@switchyard/contracts';
import type { z } from 'zod';
import type { VersionLine } from '../versions/version.store.js';
import type { PluginRow } from './plugin.store.js';

export const ratingOf = (row: Pick<PluginRow, 'average_rating'>): number | null =>
  row.average_rating === null ? null : Number(row.average_rating);

export type NameOf = (publisherId: string) => string;

export const pluginSummary = (row: PluginRow, nameOf: NameOf): z.output<typeof PluginSummary> => ({
  pluginId: row.plugin_id,
  name: row.name,
  category: row.category,
  publisher: nameOf(row.publisher_id),
  status: row.status,
  latestVersion: row.latest_version,
  installationCount: row.installation_count,
  averageRating: ratingOf(row),
  createdAt: row.created_at.toISOString(),
});

export const versionLine = (row: VersionLine) => ({
  semanticVersion: row.semantic_version,
  state: row.state,
  createdAt: row.created_at.toISOString(),
});

export interface PluginParts {
  row: PluginRow;
  versions: readonly VersionLine[];
  capabilities: readonly { capability_id: string; name: string }[];
}

export const pluginView = (
  { row, versions, capabilities }: PluginParts,
  nameOf: NameOf,
): z.output<typeof Plugin> => ({
  pluginId: row.plugin_id,
  name: row.name,
  description: row.description,
  category: row.category,
  publisher: nameOf(row.publisher_id),
  publisherId: row.publisher_id,
  iconUrl: row.icon_url,
  documentationUrl: row.documentation_url,
  repositoryUrl: row.repository_url,
  tags: row.tags,
  status: row.status,
  visibility: row.visibility,
  featured: row.featured,
  latestVersion: row.latest_version,
  versions: versions.map(versionLine),
  versionCount: row.version_count,
  capabilities: capabilities.map(({ capability_id, name }) => ({ capabilityId: capability_id, name })),
  deprecation: row.deprecation,
  installationCount: row.installation_count,
  averageRating: ratingOf(row),
  ratingCount: row.rating_count,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

import type { PluginStatus } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';

export interface PluginRow {
  plugin_id: string;
  name: string;
  description: string | null;
  category: string;
  publisher_id: string;
  icon_url: string | null;
  documentation_url: string | null;
  repository_url: string | null;
  tags: string[];
  status: PluginStatus;
  status_before: PluginStatus | null;
  visibility: 'Public' | 'Private';
  featured: boolean;
  latest_version: string;
  version_count: number;
  deprecation: { message: string; replacement: string | null } | null;
  installation_count: number;
  ratings: number[];
  rating_count: number;
  average_rating: string | null;
  /** A bigint, as text. */
  downloads: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export type NewPlugin = Pick<
  PluginRow,
  | 'plugin_id'
  | 'name'
  | 'description'
  | 'category'
  | 'publisher_id'
  | 'icon_url'
  | 'documentation_url'
  | 'repository_url'
  | 'tags'
  | 'visibility'
  | 'latest_version'
>;

/** Undefined when the id is taken. */
export const insertPlugin = (tx: Transaction, plugin: NewPlugin): Promise<PluginRow | undefined> =>
  tx.one<PluginRow>(
    `INSERT INTO registry.plugins (plugin_id, name, description, category, publisher_id, icon_url, documentation_url, repository_url, tags, visibility, latest_version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (plugin_id) DO NOTHING RETURNING *`,
    [
      plugin.plugin_id,
      plugin.name,
      plugin.description,
      plugin.category,
      plugin.publisher_id,
      plugin.icon_url,
      plugin.documentation_url,
      plugin.repository_url,
      plugin.tags,
      plugin.visibility,
      plugin.latest_version,
    ],
  );

export const lockPlugin = (tx: Transaction, pluginId: string): Promise<PluginRow | undefined> =>
  tx.one<PluginRow>('SELECT * FROM registry.plugins WHERE plugin_id = $1 FOR UPDATE', [pluginId]);

export type PluginChange = Partial<
  Pick<
    PluginRow,
    | 'name'
    | 'description'
    | 'category'
    | 'icon_url'
    | 'documentation_url'
    | 'repository_url'
    | 'tags'
    | 'status'
    | 'status_before'
    | 'visibility'
    | 'featured'
    | 'deprecation'
    | 'latest_version'
    | 'version_count'
  >
>;

/** What people change about a plugin gives it a new ETag. */
export async function savePlugin(
  tx: Transaction,
  before: PluginRow,
  change: PluginChange,
): Promise<PluginRow> {
  const after = { ...before, ...change };
  const row = await tx.one<PluginRow>(
    `UPDATE registry.plugins SET name = $2, description = $3, category = $4, icon_url = $5, documentation_url = $6, repository_url = $7,
       tags = $8, status = $9, status_before = $10, visibility = $11, featured = $12, deprecation = $13::jsonb, latest_version = $14, version_count = $15,
       version = version + 1, updated_at = now()
     WHERE plugin_id = $1 RETURNING *`,
    [
      before.plugin_id,
      after.name,
      after.description,
      after.category,
      after.icon_url,
      after.documentation_url,
      after.repository_url,
      after.tags,
      after.status,
      after.status_before,
      after.visibility,
      after.featured,
      after.deprecation && JSON.stringify(after.deprecation),
      after.latest_version,
      after.version_count,
    ],
  );
  if (!row) throw new Error(`plugin ${before.plugin_id} vanished while it was locked`);
  return row;
}

export interface RetiredPlugin {
  publisher_id: string;
}

export const findRetired = (tx: Transaction, pluginId: string): Promise<RetiredPlugin | undefined> =>
  tx.one<RetiredPlugin>('SELECT publisher_id FROM registry.retired_plugins WHERE plugin_id = $1', [pluginId]);

/** The plugin goes, with all that hangs on it; its id and its version numbers stay taken. */
export async function deletePlugin(tx: Transaction, plugin: PluginRow): Promise<void> {
  await tx.run(
    `INSERT INTO registry.used_versions (plugin_id, semantic_version, checksum)
     SELECT plugin_id, semantic_version, checksum FROM registry.versions WHERE plugin_id = $1 ON CONFLICT DO NOTHING`,
    [plugin.plugin_id],
  );
  await tx.run(
    `INSERT INTO registry.retired_plugins (plugin_id, publisher_id) VALUES ($1, $2)
     ON CONFLICT (plugin_id) DO UPDATE SET publisher_id = excluded.publisher_id, retired_at = now()`,
    [plugin.plugin_id, plugin.publisher_id],
  );
  await tx.run('DELETE FROM registry.plugins WHERE plugin_id = $1', [plugin.plugin_id]);
}

export const listGrants = async (tx: Transaction, pluginId: string): Promise<string[]> =>
  (
    await tx.query<{ tenant_id: string }>(
      'SELECT tenant_id FROM registry.plugin_grants WHERE plugin_id = $1 ORDER BY tenant_id',
      [pluginId],
    )
  ).map(({ tenant_id }) => tenant_id);

export async function replaceGrants(
  tx: Transaction,
  pluginId: string,
  tenants: readonly string[],
): Promise<void> {
  await tx.run('DELETE FROM registry.plugin_grants WHERE plugin_id = $1 AND tenant_id <> ALL($2)', [
    pluginId,
    tenants,
  ]);
  await tx.run(
    'INSERT INTO registry.plugin_grants (plugin_id, tenant_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING',
    [pluginId, tenants],
  );
}

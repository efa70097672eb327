import type { Capability, Conflict, Dependency, VersionState } from '@switchyard/contracts';
import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';
import type { z } from 'zod';

export interface StoredArtifact {
  size: number;
  format: 'tgz' | 'zip';
  entries: number;
  uploadedAt: string;
}

export interface VersionRow {
  plugin_id: string;
  semantic_version: string;
  version_id: string;
  state: VersionState;
  runtime: { type: string; version: string };
  resources: { minCpu: number; maxCpu: number; minMemoryMB: number; maxMemoryMB: number };
  binary_url: string | null;
  checksum: `sha256:${string}`;
  configuration_schema: string | null;
  /** As it was registered; what it is after the artefact was read is `manifest`. */
  given_manifest: Record<string, unknown> | null;
  manifest: Record<string, unknown> | null;
  dependencies: z.output<typeof Dependency>[];
  conflicts: z.output<typeof Conflict>[];
  capabilities: Capability[];
  release_notes: string | null;
  deprecation: { message: string; replacement: string | null } | null;
  recall: { reason: string; recalledAt: string } | null;
  artifact: StoredArtifact | null;
  signed: boolean;
  downloads: string;
  created_at: Date;
}

export type NewVersionRow = Omit<
  VersionRow,
  'manifest' | 'deprecation' | 'recall' | 'artifact' | 'signed' | 'downloads' | 'created_at'
>;

/** Undefined when the plugin has the number already. */
export const insertVersion = (tx: Transaction, version: NewVersionRow): Promise<VersionRow | undefined> =>
  tx.one<VersionRow>(
    `INSERT INTO registry.versions (plugin_id, semantic_version, version_id, state, runtime, resources, binary_url, checksum, configuration_schema, given_manifest, manifest, dependencies, conflicts, capabilities, release_notes)
     VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8, $9, $10::jsonb, $10::jsonb, $11::jsonb, $12::jsonb, $13::jsonb, $14)
     ON CONFLICT (plugin_id, semantic_version) DO NOTHING RETURNING *`,
    [
      version.plugin_id,
      version.semantic_version,
      version.version_id,
      version.state,
      JSON.stringify(version.runtime),
      JSON.stringify(version.resources),
      version.binary_url,
      version.checksum,
      version.configuration_schema,
      version.given_manifest && JSON.stringify(version.given_manifest),
      JSON.stringify(version.dependencies),
      JSON.stringify(version.conflicts),
      JSON.stringify(version.capabilities),
      version.release_notes,
    ],
  );

export const findVersion = (
  tx: Transaction,
  pluginId: string,
  version: string,
): Promise<VersionRow | undefined> =>
  tx.one<VersionRow>('SELECT * FROM registry.versions WHERE plugin_id = $1 AND semantic_version = $2', [
    pluginId,
    version,
  ]);

export const lockVersion = (
  tx: Transaction,
  pluginId: string,
  version: string,
): Promise<VersionRow | undefined> =>
  tx.one<VersionRow>(
    'SELECT * FROM registry.versions WHERE plugin_id = $1 AND semantic_version = $2 FOR UPDATE',
    [pluginId, version],
  );

/** All versions of a plugin, as little of each as deciding about them takes. */
export const versionsOf = (
  tx: Transaction,
  pluginId: string,
): Promise<Pick<VersionRow, 'semantic_version' | 'state' | 'artifact' | 'binary_url'>[]> =>
  tx.query(
    'SELECT semantic_version, state, artifact, binary_url FROM registry.versions WHERE plugin_id = $1',
    [pluginId],
  );

export const capabilitiesAt = async (
  tx: Transaction,
  pluginId: string,
  version: string,
): Promise<Capability[]> =>
  (
    await tx.one<Pick<VersionRow, 'capabilities'>>(
      'SELECT capabilities FROM registry.versions WHERE plugin_id = $1 AND semantic_version = $2',
      [pluginId, version],
    )
  )?.capabilities ?? [];

export interface VersionLine {
  semantic_version: string;
  state: VersionState;
  created_at: Date;
}

export const newestVersions = (tx: Transaction, pluginId: string): Promise<VersionLine[]> =>
  tx.query(
    `SELECT semantic_version, state, created_at FROM registry.versions WHERE plugin_id = $1
     ORDER BY created_at DESC, semantic_version DESC LIMIT 100`,
    [pluginId],
  );

const listedColumns = [
  'version_id',
  'plugin_id',
  'semantic_version',
  'state',
  'runtime',
  'resources',
  'binary_url',
  'checksum',
  'artifact',
  'deprecation',
  'recall',
  'signed',
  'downloads',
  'created_at',
] as const satisfies readonly (keyof VersionRow)[];
export type ListedVersion = Pick<VersionRow, (typeof listedColumns)[number]>;

export const listVersionRows = (
  tx: Transaction,
  pluginId: string,
  state: VersionState | undefined,
  page: Page,
): Promise<PageOf<ListedVersion>> =>
  listPage<ListedVersion>(
    tx,
    {
      columns: listedColumns.join(', '),
      from: 'registry.versions',
      where: [
        { sql: 'plugin_id = ?', values: [pluginId] },
        ...(state ? [{ sql: 'state = ?', values: [state] }] : []),
      ],
      createdAt: 'created_at',
      id: 'semantic_version',
    },
    page,
  );

/** What may change about a version: never what it is. */
export type VersionChange = Partial<
  Pick<
    VersionRow,
    'state' | 'deprecation' | 'recall' | 'artifact' | 'manifest' | 'configuration_schema' | 'signed'
  >
>;

export async function saveVersion(
  tx: Transaction,
  before: VersionRow,
  change: VersionChange,
): Promise<VersionRow> {
  const after = { ...before, ...change };
  const row = await tx.one<VersionRow>(
    `UPDATE registry.versions SET state = $3, deprecation = $4::jsonb, recall = $5::jsonb, artifact = $6::jsonb, manifest = $7::jsonb, configuration_schema = $8, signed = $9
     WHERE plugin_id = $1 AND semantic_version = $2 RETURNING *`,
    [
      before.plugin_id,
      before.semantic_version,
      after.state,
      after.deprecation && JSON.stringify(after.deprecation),
      after.recall && JSON.stringify(after.recall),
      after.artifact && JSON.stringify(after.artifact),
      after.manifest && JSON.stringify(after.manifest),
      after.configuration_schema,
      after.signed,
    ],
  );
  if (!row) throw new Error(`version ${before.version_id} vanished while it was locked`);
  return row;
}

export const findUsedVersion = (
  tx: Transaction,
  pluginId: string,
  version: string,
): Promise<{ checksum: string } | undefined> =>
  tx.one('SELECT checksum FROM registry.used_versions WHERE plugin_id = $1 AND semantic_version = $2', [
    pluginId,
    version,
  ]);

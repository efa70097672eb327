import type { Digest } from '@switchyard/artifacts';
import type { EnvironmentName, Manifest } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { Demands } from '../installations/installed.store.js';
import type { Resources, Runtime } from '../orchestrators/orchestrator.js';

export type Settings = Readonly<Record<string, unknown>>;

/** What a deployment ships and a rollback restores. */
export interface ReleaseRow {
  release_id: string;
  tenant_id: string;
  environment: EnvironmentName;
  plugin_id: string;
  semantic_version: string;
  digest: Digest;
  runtime: Runtime;
  resources: Resources;
  manifest: Partial<Manifest>;
  settings: Settings;
  dependencies: Demands['dependencies'];
  conflicts: Demands['conflicts'];
  pinned: boolean;
}

export async function insertRelease(tx: Transaction, release: Omit<ReleaseRow, 'pinned'>): Promise<void> {
  await tx.run(
    `INSERT INTO deployments.releases (release_id, tenant_id, environment, plugin_id, semantic_version, digest, runtime, resources, manifest, settings, dependencies, conflicts)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, $10::jsonb, $11::jsonb, $12::jsonb)`,
    [
      release.release_id,
      release.tenant_id,
      release.environment,
      release.plugin_id,
      release.semantic_version,
      release.digest,
      JSON.stringify(release.runtime),
      JSON.stringify(release.resources),
      JSON.stringify(release.manifest),
      JSON.stringify(release.settings),
      JSON.stringify(release.dependencies),
      JSON.stringify(release.conflicts),
    ],
  );
}

export const findReleases = (tx: Transaction, ids: readonly string[]): Promise<ReleaseRow[]> =>
  tx.query<ReleaseRow>('SELECT * FROM deployments.releases WHERE release_id = ANY($1)', [ids]);

/** The release that a set runs. */
export const findReleaseOfSet = (tx: Transaction, setId: string): Promise<ReleaseRow | undefined> =>
  tx.one<ReleaseRow>(
    'SELECT r.* FROM deployments.releases r JOIN deployments.sets s USING (release_id) WHERE s.set_id = $1',
    [setId],
  );

/** Everything else that this environment runs, by what it answers to. */
export const prefixesOfOthers = (
  tx: Transaction,
  of: { tenantId: string; environment: string; pluginId: string },
): Promise<{ plugin_id: string; prefix: string | null }[]> =>
  tx.query(
    `SELECT DISTINCT r.plugin_id, r.manifest->>'Api_prefix' AS prefix FROM deployments.sets s JOIN deployments.releases r USING (release_id)
     WHERE s.tenant_id = $1 AND s.environment = $2 AND s.plugin_id <> $3 AND s.fate IN ('live', 'warm')`,
    [of.tenantId, of.environment, of.pluginId],
  );

/** Releases that nothing runs and that no rollback can bring back any more. */
export const unneededReleases = (tx: Transaction, limit: number): Promise<{ release_id: string }[]> =>
  tx.query(
    `SELECT r.release_id FROM deployments.releases r WHERE r.pinned
       AND NOT EXISTS (SELECT FROM deployments.sets s WHERE s.release_id = r.release_id AND s.fate <> 'gone')
       AND NOT EXISTS (SELECT FROM deployments.rollouts d WHERE d.release_id = r.release_id AND NOT d.settled)
       AND NOT EXISTS (
         SELECT FROM deployments.installations i JOIN deployments.rollouts c ON c.deployment_id = i.stable_deployment
         LEFT JOIN deployments.rollouts p ON p.deployment_id = c.previous_deployment_id
         WHERE i.tenant_id = r.tenant_id AND i.environment = r.environment AND i.plugin_id = r.plugin_id
           AND r.release_id IN (c.release_id, p.release_id))
     ORDER BY r.release_id LIMIT $1`,
    [limit],
  );

export const unpinned = (tx: Transaction, releaseId: string): Promise<number> =>
  tx.run('UPDATE deployments.releases SET pinned = false WHERE release_id = $1', [releaseId]);

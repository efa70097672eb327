import type { DeployableVersion, EnvironmentName } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';

/** What a version says of others. */
export type Demands = Pick<DeployableVersion, 'dependencies' | 'conflicts'>;

/** What an environment runs of a plugin, and what is about to take its place. */
export interface InstalledRow {
  plugin_id: string;
  /** null: it is being installed for the first time. */
  stable: string | null;
  stable_demands: Demands | null;
  moving: string | null;
  moving_deployment: string | null;
  moving_demands: Demands | null;
}

const demandsOf = (release: string): string =>
  `CASE WHEN ${release}.release_id IS NOT NULL THEN jsonb_build_object('dependencies', ${release}.dependencies, 'conflicts', ${release}.conflicts) END`;

export const installedIn = (
  tx: Transaction,
  tenantId: string,
  environment: EnvironmentName,
): Promise<InstalledRow[]> =>
  tx.query<InstalledRow>(
    `SELECT i.plugin_id, r.semantic_version AS stable, ${demandsOf('r')} AS stable_demands, d.semantic_version AS moving,
       d.deployment_id AS moving_deployment, d.demands AS moving_demands
     FROM deployments.installations i
     LEFT JOIN deployments.sets s ON s.set_id = i.stable_set LEFT JOIN deployments.releases r USING (release_id)
     LEFT JOIN LATERAL (
       SELECT d.deployment_id, d.semantic_version, ${demandsOf('m')} AS demands FROM deployments.rollouts d JOIN deployments.releases m USING (release_id)
       WHERE d.tenant_id = i.tenant_id AND d.environment = i.environment AND d.plugin_id = i.plugin_id
         AND NOT d.settled AND d.status IN ('Pending', 'InProgress', 'Paused')
       ORDER BY d.started_at DESC LIMIT 1) d ON true
     WHERE i.tenant_id = $1 AND i.environment = $2 AND (i.stable_set IS NOT NULL OR d.deployment_id IS NOT NULL)
     ORDER BY i.plugin_id`,
    [tenantId, environment],
  );

import type { EnvironmentName, HealthCheck } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { Resources } from '../orchestrators/orchestrator.js';

export type Fate = 'live' | 'warm' | 'draining' | 'gone';

/** The instances of one release, as they are wanted. */
export interface SetRow {
  set_id: string;
  tenant_id: string;
  environment: EnvironmentName;
  plugin_id: string;
  release_id: string;
  deployment_id: string;
  health_check: HealthCheck | null;
  fate: Fate;
  desired: number;
  /** What instances had crashed when the set was taken up again, by instance. */
  crashes: Readonly<Record<string, number>>;
  draining_since: Date | null;
}

export async function insertSet(
  tx: Transaction,
  set: Pick<
    SetRow,
    'set_id' | 'tenant_id' | 'environment' | 'plugin_id' | 'release_id' | 'deployment_id' | 'health_check'
  >,
): Promise<void> {
  await tx.run(
    `INSERT INTO deployments.sets (set_id, tenant_id, environment, plugin_id, release_id, deployment_id, health_check)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)`,
    [
      set.set_id,
      set.tenant_id,
      set.environment,
      set.plugin_id,
      set.release_id,
      set.deployment_id,
      set.health_check && JSON.stringify(set.health_check),
    ],
  );
}

export const findSets = (tx: Transaction, ids: readonly string[]): Promise<SetRow[]> =>
  tx.query<SetRow>('SELECT * FROM deployments.sets WHERE set_id = ANY($1)', [ids]);

export const lockSet = (tx: Transaction, setId: string): Promise<SetRow | undefined> =>
  tx.one<SetRow>('SELECT * FROM deployments.sets WHERE set_id = $1 FOR UPDATE', [setId]);

/** A set that was kept for an instant return, if there is one of the release. */
export const lockWarmSet = (tx: Transaction, releaseId: string): Promise<SetRow | undefined> =>
  tx.one<SetRow>(
    `SELECT * FROM deployments.sets WHERE release_id = $1 AND fate = 'warm' ORDER BY set_id LIMIT 1 FOR UPDATE`,
    [releaseId],
  );

/** Another deployment ships it again. */
export const takeUpSet = (
  tx: Transaction,
  setId: string,
  deploymentId: string,
  crashes: SetRow['crashes'],
): Promise<number> =>
  tx.run(
    `UPDATE deployments.sets SET deployment_id = $2, fate = 'live', crashes = $3::jsonb WHERE set_id = $1`,
    [setId, deploymentId, JSON.stringify(crashes)],
  );

export const scaleSet = (tx: Transaction, setId: string, desired: number): Promise<number> =>
  tx.run('UPDATE deployments.sets SET desired = $2 WHERE set_id = $1 AND desired <> $2', [setId, desired]);

export const setFate = (tx: Transaction, setId: string, fate: 'live' | 'warm'): Promise<number> =>
  tx.run('UPDATE deployments.sets SET fate = $2 WHERE set_id = $1', [setId, fate]);

export const drainSets = (tx: Transaction, ids: readonly string[]): Promise<number> =>
  tx.run(
    `UPDATE deployments.sets SET fate = 'draining', desired = 0, draining_since = clock_timestamp()
     WHERE set_id = ANY($1) AND fate IN ('live', 'warm')`,
    [ids],
  );

/** Warm ones that nobody will return to: something newer became stable. */
export async function warmSetsBeside(
  tx: Transaction,
  of: Pick<SetRow, 'tenant_id' | 'environment' | 'plugin_id'>,
  kept: readonly (string | null)[],
): Promise<string[]> {
  const rows = await tx.query<{ set_id: string }>(
    `SELECT set_id FROM deployments.sets WHERE tenant_id = $1 AND environment = $2 AND plugin_id = $3 AND fate = 'warm' AND set_id <> ALL($4)`,
    [of.tenant_id, of.environment, of.plugin_id, kept.filter((id) => id !== null)],
  );
  return rows.map(({ set_id }) => set_id);
}

export const setIsGone = (tx: Transaction, setId: string): Promise<number> =>
  tx.run(`UPDATE deployments.sets SET fate = 'gone' WHERE set_id = $1 AND fate = 'draining'`, [setId]);

/** What the keeper of instances has to know of a set. */
export interface KeptSet extends SetRow {
  semantic_version: string;
  resources: Resources;
  /** A deployment of its installation is moving. */
  moving: boolean;
}

const kept = `SELECT s.*, r.semantic_version, r.resources,
    EXISTS (SELECT FROM deployments.rollouts d WHERE NOT d.settled
      AND d.tenant_id = s.tenant_id AND d.environment = s.environment AND d.plugin_id = s.plugin_id) AS moving
  FROM deployments.sets s JOIN deployments.releases r USING (release_id)`;

export const listKeptSets = (tx: Transaction, after: string, limit: number): Promise<KeptSet[]> =>
  tx.query<KeptSet>(`${kept} WHERE s.fate <> 'gone' AND s.set_id > $1 ORDER BY s.set_id LIMIT $2`, [
    after,
    limit,
  ]);

export const findKeptSets = (tx: Transaction, ids: readonly string[]): Promise<KeptSet[]> =>
  tx.query<KeptSet>(`${kept} WHERE s.fate <> 'gone' AND s.set_id = ANY($1)`, [ids]);

export async function setsOfInstallation(
  tx: Transaction,
  of: Pick<SetRow, 'tenant_id' | 'environment' | 'plugin_id'>,
): Promise<string[]> {
  const rows = await tx.query<{ set_id: string }>(
    `SELECT set_id FROM deployments.sets WHERE tenant_id = $1 AND environment = $2 AND plugin_id = $3 AND fate <> 'gone'`,
    [of.tenant_id, of.environment, of.plugin_id],
  );
  return rows.map(({ set_id }) => set_id);
}

import type { EnvironmentName } from '@switchyard/contracts';
import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

/** One plugin in one environment of a tenant: what its slots point to. */
export interface InstallationRow {
  tenant_id: string;
  environment: EnvironmentName;
  plugin_id: string;
  stable_set: string | null;
  stable_deployment: string | null;
  candidate_set: string | null;
  candidate_deployment: string | null;
  candidate_weight: number;
  sticky: boolean;
  /** A bigint, as text. */
  revision: string;
  deployed_at: Date | null;
}

export type InstallationKey = Pick<InstallationRow, 'tenant_id' | 'environment' | 'plugin_id'>;

const byKey = 'tenant_id = $1 AND environment = $2 AND plugin_id = $3';
const keyOf = (key: InstallationKey) => [key.tenant_id, key.environment, key.plugin_id];

/** Whoever decides anything about an installation or its deployments locks it first. */
export async function lockInstallation(tx: Transaction, key: InstallationKey): Promise<InstallationRow> {
  await tx.run(
    'INSERT INTO deployments.installations (tenant_id, environment, plugin_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    keyOf(key),
  );
  const row = await tx.one<InstallationRow>(
    `SELECT * FROM deployments.installations WHERE ${byKey} FOR UPDATE`,
    keyOf(key),
  );
  if (!row) throw new Error(`installation ${keyOf(key).join('/')} vanished while it was locked`);
  return row;
}

/** Undefined when somebody else decides about it just now. */
export const lockFreeInstallation = (
  tx: Transaction,
  key: InstallationKey,
): Promise<InstallationRow | undefined> =>
  tx.one<InstallationRow>(
    `SELECT * FROM deployments.installations WHERE ${byKey} FOR UPDATE SKIP LOCKED`,
    keyOf(key),
  );

export const findInstallation = (
  tx: Transaction,
  key: InstallationKey,
): Promise<InstallationRow | undefined> =>
  tx.one<InstallationRow>(`SELECT * FROM deployments.installations WHERE ${byKey}`, keyOf(key));

export type PointerChange = Partial<
  Pick<
    InstallationRow,
    | 'stable_set'
    | 'stable_deployment'
    | 'candidate_set'
    | 'candidate_deployment'
    | 'candidate_weight'
    | 'sticky'
    | 'deployed_at'
  >
>;

/** Each change of it has a number, so that a copy of it never goes back. */
export async function saveInstallation(
  tx: Transaction,
  before: InstallationRow,
  change: PointerChange,
): Promise<InstallationRow> {
  const after = { ...before, ...change };
  const row = await tx.one<InstallationRow>(
    `UPDATE deployments.installations SET stable_set = $4, stable_deployment = $5, candidate_set = $6, candidate_deployment = $7,
       candidate_weight = $8, sticky = $9, deployed_at = $10, revision = revision + 1 WHERE ${byKey} RETURNING *`,
    [
      ...keyOf(before),
      after.stable_set,
      after.stable_deployment,
      after.candidate_set,
      after.candidate_deployment,
      after.candidate_weight,
      after.sticky,
      after.deployed_at,
    ],
  );
  if (!row) throw new Error(`installation ${keyOf(before).join('/')} vanished while it was locked`);
  return row;
}

export interface ListedInstallation extends InstallationRow {
  created_at: Date;
  moving: boolean;
  semantic_version: string | null;
  desired: number | null;
}

const moves = (of: string): string =>
  `NOT ${of}settled AND ${of}status IN ('Pending', 'InProgress', 'Paused')`;

/** What runs, or is about to. */
export const listInstallations = (
  tx: Transaction,
  tenantId: string,
  environment: EnvironmentName | undefined,
  page: Page,
): Promise<PageOf<ListedInstallation>> =>
  listPage<ListedInstallation>(
    tx,
    {
      columns: '*',
      from: `(SELECT i.*, i.environment || '/' || i.plugin_id AS place, d.deployment_id IS NOT NULL AS moving,
                coalesce(r.semantic_version, d.semantic_version) AS semantic_version, s.desired
              FROM deployments.installations i
              LEFT JOIN deployments.sets s ON s.set_id = i.stable_set LEFT JOIN deployments.releases r ON r.release_id = s.release_id
              LEFT JOIN LATERAL (SELECT d.deployment_id, d.semantic_version FROM deployments.rollouts d
                WHERE d.tenant_id = i.tenant_id AND d.environment = i.environment AND d.plugin_id = i.plugin_id AND ${moves('d.')}
                ORDER BY d.started_at DESC LIMIT 1) d ON true
              WHERE i.stable_set IS NOT NULL OR d.deployment_id IS NOT NULL) AS shown`,
      where: [
        { sql: 'tenant_id = ?', values: [tenantId] },
        ...(environment === undefined ? [] : [{ sql: 'environment = ?', values: [environment] }]),
      ],
      createdAt: 'created_at',
      id: 'place',
    },
    page,
  );

/** Where the plugin runs, or is about to. */
export async function environmentsOf(
  tx: Transaction,
  tenantId: string,
  pluginId: string,
): Promise<EnvironmentName[]> {
  const rows = await tx.query<{ environment: EnvironmentName }>(
    `SELECT environment FROM deployments.installations WHERE tenant_id = $1 AND plugin_id = $2 AND stable_set IS NOT NULL
     UNION SELECT environment FROM deployments.rollouts WHERE tenant_id = $1 AND plugin_id = $2 AND ${moves('')} ORDER BY environment`,
    [tenantId, pluginId],
  );
  return rows.map(({ environment }) => environment);
}

/** Where the tenant runs anything. */
export async function environmentsInUse(tx: Transaction, tenantId: string): Promise<EnvironmentName[]> {
  const rows = await tx.query<{ environment: EnvironmentName }>(
    `SELECT environment FROM deployments.installations WHERE tenant_id = $1 AND stable_set IS NOT NULL
     UNION SELECT environment FROM deployments.rollouts WHERE tenant_id = $1 AND ${moves('')} ORDER BY environment`,
    [tenantId],
  );
  return rows.map(({ environment }) => environment);
}

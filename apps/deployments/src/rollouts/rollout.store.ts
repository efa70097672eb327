import type { DeploymentStatus, EnvironmentName } from '@switchyard/contracts';
import { listPage, type Condition, type Page, type PageOf, type Transaction } from '@switchyard/database';
import type { RolloutState, SmokeTestResult, Strategy, StrategyConfig, Wait } from '@switchyard/rollout';
import type { Approval } from '../approvals/approval.js';
import type { InstallationKey } from '../installations/installation.store.js';
import type { Demand } from '../quotas/peak-demand.js';

/** A deployment as it was accepted, and how far it came. */
export interface RolloutRow {
  deployment_id: string;
  tenant_id: string;
  environment: EnvironmentName;
  plugin_id: string;
  semantic_version: string;
  release_id: string;
  set_id: string;
  /** What was stable when it started. */
  stable_set: string | null;
  previous_deployment_id: string | null;
  /** Deployments of what it cannot start without. */
  awaits: readonly string[];
  /** The deployment that it takes back. */
  rolls_back: string | null;
  /** The deployment that it tries again, and the one that tries it again. */
  retry_of: string | null;
  retried_by: string | null;
  strategy: Strategy;
  strategy_config: Readonly<Record<string, string>>;
  config: StrategyConfig;
  total_instances: number;
  peak_instances: number;
  peak_cpu: number;
  peak_memory_mb: number;
  deployed_by: string;
  status: DeploymentStatus;
  state: RolloutState;
  settled: boolean;
  waits_for: Wait['for'] | null;
  smoke_tests: readonly SmokeTestResult[] | null;
  /** null: it needs none. */
  approval: Approval | null;
  approval_expires_at: Date | null;
  next_look_at: Date | null;
  lease_until: Date | null;
  /** A bigint, as text: it tells whether whoever works on it outside of a transaction is still the one who should. */
  fence: string;
  started_at: Date;
  completed_at: Date | null;
}

export type NewRollout = Pick<
  RolloutRow,
  | 'deployment_id'
  | 'tenant_id'
  | 'environment'
  | 'plugin_id'
  | 'semantic_version'
  | 'release_id'
  | 'set_id'
  | 'previous_deployment_id'
  | 'rolls_back'
  | 'retry_of'
  | 'strategy'
  | 'strategy_config'
  | 'config'
  | 'total_instances'
  | 'peak_instances'
  | 'peak_cpu'
  | 'peak_memory_mb'
  | 'deployed_by'
  | 'state'
  | 'approval'
  | 'approval_expires_at'
>;

export async function insertRollout(tx: Transaction, rollout: NewRollout): Promise<RolloutRow> {
  const row = await tx.one<RolloutRow>(
    `INSERT INTO deployments.rollouts (deployment_id, tenant_id, environment, plugin_id, semantic_version, release_id, set_id, previous_deployment_id,
       rolls_back, strategy, strategy_config, config, total_instances, peak_instances, peak_cpu, peak_memory_mb, deployed_by, status, state, approval, approval_expires_at, retry_of, next_look_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb, $13, $14, $15, $16, $17, $18, $19::jsonb, $20::jsonb, $21, $22, clock_timestamp()) RETURNING *`,
    [
      rollout.deployment_id,
      rollout.tenant_id,
      rollout.environment,
      rollout.plugin_id,
      rollout.semantic_version,
      rollout.release_id,
      rollout.set_id,
      rollout.previous_deployment_id,
      rollout.rolls_back,
      rollout.strategy,
      JSON.stringify(rollout.strategy_config),
      JSON.stringify(rollout.config),
      rollout.total_instances,
      rollout.peak_instances,
      rollout.peak_cpu,
      rollout.peak_memory_mb,
      rollout.deployed_by,
      rollout.state.status,
      JSON.stringify(rollout.state),
      rollout.approval && JSON.stringify(rollout.approval),
      rollout.approval_expires_at,
      rollout.retry_of,
    ],
  );
  if (!row) throw new Error(`deployment ${rollout.deployment_id} was not written down`);
  return row;
}

export const findRollout = (tx: Transaction, deploymentId: string): Promise<RolloutRow | undefined> =>
  tx.one<RolloutRow>('SELECT * FROM deployments.rollouts WHERE deployment_id = $1', [deploymentId]);

export const lockRollout = (tx: Transaction, deploymentId: string): Promise<RolloutRow | undefined> =>
  tx.one<RolloutRow>('SELECT * FROM deployments.rollouts WHERE deployment_id = $1 FOR UPDATE', [
    deploymentId,
  ]);

/** Those of an installation that have not ended, or have not left yet: the oldest first. Lock the installation before. */
export const unsettledRollouts = (tx: Transaction, key: InstallationKey): Promise<RolloutRow[]> =>
  tx.query<RolloutRow>(
    `SELECT * FROM deployments.rollouts WHERE tenant_id = $1 AND environment = $2 AND plugin_id = $3 AND NOT settled ORDER BY started_at, deployment_id`,
    [key.tenant_id, key.environment, key.plugin_id],
  );

export type RolloutChange = Partial<
  Pick<
    RolloutRow,
    | 'state'
    | 'settled'
    | 'waits_for'
    | 'stable_set'
    | 'next_look_at'
    | 'smoke_tests'
    | 'previous_deployment_id'
    | 'approval'
    | 'retried_by'
  >
>;

/** The times that it shows are those of its state: milliseconds of the database's clock. */
export async function saveRollout(
  tx: Transaction,
  before: RolloutRow,
  change: RolloutChange,
): Promise<RolloutRow> {
  const after = { ...before, ...change };
  const { ending } = after.state;
  const row = await tx.one<RolloutRow>(
    `UPDATE deployments.rollouts SET state = $2::jsonb, status = $3, settled = $4, waits_for = $5, stable_set = $6, next_look_at = $7,
       smoke_tests = $8::jsonb, completed_at = $9, previous_deployment_id = $10, approval = $11::jsonb, retried_by = $12
     WHERE deployment_id = $1 RETURNING *`,
    [
      before.deployment_id,
      JSON.stringify(after.state),
      after.state.status,
      after.settled,
      after.waits_for,
      after.stable_set,
      after.next_look_at,
      after.smoke_tests && JSON.stringify(after.smoke_tests),
      ending === null ? null : new Date(ending.at),
      after.previous_deployment_id,
      after.approval && JSON.stringify(after.approval),
      after.retried_by,
    ],
  );
  if (!row) throw new Error(`deployment ${before.deployment_id} vanished while it was locked`);
  return row;
}

/** What it may come to, when that is more than it was when it was accepted. */
export const raisePeak = (tx: Transaction, deploymentId: string, peak: Demand): Promise<number> =>
  tx.run(
    `UPDATE deployments.rollouts SET peak_instances = greatest(peak_instances, $2), peak_cpu = greatest(peak_cpu, $3),
       peak_memory_mb = greatest(peak_memory_mb, $4) WHERE deployment_id = $1`,
    [deploymentId, peak.instances, peak.cpu, peak.memoryMB],
  );

/** The last deployment of the installation after this one, unless it never ran and never will, or is this one's own way back. */
export const newerRollout = (
  tx: Transaction,
  deploymentId: string,
): Promise<Pick<RolloutRow, 'deployment_id' | 'semantic_version' | 'retry_of'> | undefined> =>
  tx.one(
    `SELECT n.deployment_id, n.semantic_version, n.retry_of FROM deployments.rollouts o
     JOIN deployments.rollouts n ON n.tenant_id = o.tenant_id AND n.environment = o.environment AND n.plugin_id = o.plugin_id
       AND n.started_at >= o.started_at AND n.deployment_id <> o.deployment_id AND n.rolls_back IS DISTINCT FROM o.deployment_id
       AND (n.status = 'Pending' OR n.state->>'startedAt' IS NOT NULL)
     WHERE o.deployment_id = $1 ORDER BY n.started_at DESC, n.deployment_id DESC LIMIT 1`,
    [deploymentId],
  );

/** Those that nobody approved in time. */
export const expiredApprovals = (tx: Transaction, limit: number): Promise<{ deployment_id: string }[]> =>
  tx.query(
    `SELECT deployment_id FROM deployments.rollouts WHERE status = 'Pending' AND approval_expires_at <= clock_timestamp()
       AND state->>'approval' = 'awaited' ORDER BY approval_expires_at LIMIT $1`,
    [limit],
  );

/** Whoever gets it may work on the rollout outside of a transaction until then; undefined while somebody else may. */
export const takeLease = (
  tx: Transaction,
  deploymentId: string,
  leaseMs: number,
): Promise<{ fence: string } | undefined> =>
  tx.one(
    `UPDATE deployments.rollouts SET fence = fence + 1, lease_until = clock_timestamp() + $2 * interval '1 ms'
     WHERE deployment_id = $1 AND (lease_until IS NULL OR lease_until < clock_timestamp()) RETURNING fence`,
    [deploymentId, leaseMs],
  );

/** Nothing is written by who has lost the lease. */
export const saveSmokeTests = (
  tx: Transaction,
  { deploymentId, fence }: { deploymentId: string; fence: string },
  results: readonly SmokeTestResult[],
): Promise<number> =>
  tx.run(
    `UPDATE deployments.rollouts SET smoke_tests = $3::jsonb, lease_until = NULL, next_look_at = clock_timestamp()
     WHERE deployment_id = $1 AND fence = $2 AND NOT settled`,
    [deploymentId, fence, JSON.stringify(results)],
  );

export interface Due {
  deployment_id: string;
  tenant_id: string;
  environment: EnvironmentName;
  plugin_id: string;
}

const dueColumns = 'deployment_id, tenant_id, environment, plugin_id';

/** What time made due, and what hints are about. */
export const dueRollouts = (
  tx: Transaction,
  hints: { setIds: readonly string[]; deploymentIds: readonly string[]; waits: readonly string[] },
  limit: number,
): Promise<Due[]> =>
  tx.query<Due>(
    `SELECT ${dueColumns} FROM deployments.rollouts WHERE NOT settled AND next_look_at <= clock_timestamp()
     UNION SELECT ${dueColumns} FROM deployments.rollouts WHERE NOT settled AND set_id = ANY($1)
     UNION SELECT ${dueColumns} FROM deployments.rollouts WHERE NOT settled AND stable_set = ANY($1)
     UNION SELECT ${dueColumns} FROM deployments.rollouts WHERE NOT settled AND deployment_id = ANY($2)
     UNION SELECT ${dueColumns} FROM deployments.rollouts WHERE NOT settled AND waits_for = ANY($3)
     LIMIT $4`,
    [hints.setIds, hints.deploymentIds, hints.waits, limit],
  );

/** All of them, some at a time. */
export const unsettledAfter = (tx: Transaction, after: string, limit: number): Promise<Due[]> =>
  tx.query<Due>(
    `SELECT ${dueColumns} FROM deployments.rollouts WHERE NOT settled AND deployment_id > $1 ORDER BY deployment_id LIMIT $2`,
    [after, limit],
  );

/** Milliseconds until time makes something due; null: nothing ever. */
export async function untilNextLook(tx: Transaction): Promise<number | null> {
  const row = await tx.one<{ ms: string | null }>(
    `SELECT (extract(epoch FROM min(next_look_at) - clock_timestamp()) * 1000)::text AS ms FROM deployments.rollouts WHERE NOT settled`,
  );
  return row?.ms == null ? null : Math.max(0, Number(row.ms));
}

export async function deploymentsOfLastHour(
  tx: Transaction,
  tenantId: string,
): Promise<{ count: number; oldestAgeSeconds: number }> {
  const row = await tx.one<{ count: number; age: number | null }>(
    `SELECT count(*)::int AS count, extract(epoch FROM clock_timestamp() - min(started_at))::float8 AS age FROM deployments.rollouts
     WHERE tenant_id = $1 AND rolls_back IS NULL AND started_at > clock_timestamp() - interval '1 hour'`,
    [tenantId],
  );
  return { count: row?.count ?? 0, oldestAgeSeconds: row?.age ?? 0 };
}

export interface RolloutFilter {
  tenantId?: string | undefined;
  pluginId?: string | undefined;
  environment?: EnvironmentName | undefined;
  status?: DeploymentStatus | undefined;
}

const condition = (column: string, value: string | undefined): Condition[] =>
  value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }];

export const listRollouts = (
  tx: Transaction,
  filter: RolloutFilter,
  page: Page,
): Promise<PageOf<RolloutRow>> =>
  listPage<RolloutRow>(
    tx,
    {
      columns: '*',
      from: 'deployments.rollouts',
      where: [
        ...condition('tenant_id', filter.tenantId),
        ...condition('plugin_id', filter.pluginId),
        ...condition('environment', filter.environment),
        ...condition('status', filter.status),
      ],
      createdAt: 'started_at',
      id: 'deployment_id',
    },
    page,
  );

/** The database's, in Unix milliseconds: every deadline is one of it. */
export async function databaseNow(tx: Transaction): Promise<number> {
  const row = await tx.one<{ now: string }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS now',
  );
  return Number(row?.now);
}

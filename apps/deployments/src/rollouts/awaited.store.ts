import type { DeploymentStatus } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';

/** What a deployment waits for before it starts. */
export interface AwaitedRow {
  deployment_id: string;
  plugin_id: string;
  semantic_version: string;
  status: DeploymentStatus;
  reason: string | null;
}

export const awaitDeployments = (
  tx: Transaction,
  deploymentId: string,
  awaited: readonly string[],
): Promise<number> =>
  tx.run('UPDATE deployments.rollouts SET awaits = $2 WHERE deployment_id = $1', [deploymentId, awaited]);

export const findAwaited = (tx: Transaction, ids: readonly string[]): Promise<AwaitedRow[]> =>
  tx.query<AwaitedRow>(
    `SELECT deployment_id, plugin_id, semantic_version, status, state->'ending'->>'reason' AS reason
     FROM deployments.rollouts WHERE deployment_id = ANY($1) ORDER BY array_position($1, deployment_id)`,
    [ids],
  );

/** Whoever waits for it looks again, also when this process ends before it can say so. */
export const wakeAwaiting = (tx: Transaction, deploymentId: string): Promise<number> =>
  tx.run(
    `UPDATE deployments.rollouts SET next_look_at = clock_timestamp()
     WHERE NOT settled AND awaits <> '{}' AND awaits @> ARRAY[$1]`,
    [deploymentId],
  );

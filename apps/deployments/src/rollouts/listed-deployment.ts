import type { DeploymentSummary, ListedDeployment } from '@switchyard/contracts';
import { stageNameOf } from '@switchyard/rollout';
import type { z } from 'zod';
import { awaitedApprovals } from '../approvals/approval.js';
import { awaitsApproval } from '../approvals/awaits-approval.js';
import { deploymentOf } from './deployment-of.js';
import type { RolloutRow } from './rollout.store.js';

export const rolloutSummary = (row: RolloutRow): z.output<typeof DeploymentSummary> => ({
  deploymentId: row.deployment_id,
  pluginId: row.plugin_id,
  pluginVersion: row.semantic_version,
  tenantId: row.tenant_id,
  environment: row.environment,
  strategy: row.strategy,
  status: row.status,
  progress: row.state.progress,
  startedAt: row.started_at.toISOString(),
  completedAt: row.completed_at?.toISOString() ?? null,
});

/** As lists and watches show it: all of it is in its row. */
export const listedDeployment = (row: RolloutRow): z.output<typeof ListedDeployment> => ({
  ...rolloutSummary(row),
  stage: stageNameOf(deploymentOf(row)),
  weight: row.state.weight,
  reason: reasonOf(row),
  deployedBy: row.deployed_by,
  rollbackDeploymentId: row.state.ending?.rollbackDeploymentId ?? null,
  supersededBy: row.state.ending?.supersededBy ?? null,
  retryOf: row.retry_of,
  retriedBy: row.retried_by,
});

/** Why it stands where it stands, in one sentence. */
function reasonOf(row: RolloutRow): string | null {
  const { state, approval, approval_expires_at: expiresAt } = row;
  if (approval !== null && awaitsApproval(row)) return awaitedApprovals(approval, expiresAt);
  return state.ending?.reason ?? state.hold?.text ?? null;
}

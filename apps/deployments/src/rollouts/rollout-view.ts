import type {
  Deployment,
  DeploymentApprovals,
  DeploymentHistoryEntry,
  DeploymentSummary,
} from '@switchyard/contracts';
import {
  estimatedCompletionAt,
  isTerminal,
  nextStep,
  progressOf,
  stageNameOf,
  type HistoryEntry,
} from '@switchyard/rollout';
import type { z } from 'zod';
import { awaitedApprovals, missingApprovals } from '../approvals/approval.js';
import { awaitsApproval } from '../accepting/supersede-moving.js';
import { observedOf } from '../reconciling/observed-of.js';
import type { Situation } from '../reconciling/situation.js';
import type { World } from '../reconciling/world.js';
import { deploymentOf } from './deployment-of.js';
import type { RolloutRow } from './rollout.store.js';

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** As it is at this moment, not as it was when somebody last looked. */
export function rolloutView(situation: Situation, world: World): z.output<typeof Deployment> {
  const { rollout, now } = situation;
  const { state } = rollout;
  const deployment = deploymentOf(rollout);
  const observed = observedOf(situation, world);
  const over = isTerminal(state.status);
  const instances = observed.candidate.instances;
  const healthy = instances.filter(
    ({ ready, consecutiveFailedChecks }) =>
      ready && consecutiveFailedChecks < rollout.config.limits.failedChecks,
  );
  return {
    ...rolloutSummary(rollout),
    strategyConfig: { ...rollout.strategy_config },
    progress: over ? state.progress : progressOf(deployment, observed),
    stage: stageNameOf(deployment),
    weight: observed.route.weight,
    waitingFor: over ? null : waitingFor(situation, world),
    reason: reasonOf(rollout),
    totalInstances: rollout.total_instances,
    healthyInstances: healthy.length,
    unhealthyInstances: instances.length - healthy.length,
    deployedBy: rollout.deployed_by,
    estimatedCompletionAt: timeOf(estimatedCompletionAt(deployment, now)),
    previousDeploymentId: rollout.previous_deployment_id,
    rollbackDeploymentId: state.ending?.rollbackDeploymentId ?? null,
    supersededBy: state.ending?.supersededBy ?? null,
    approvals: approvalsOf(rollout),
    retryOf: rollout.retry_of,
    retriedBy: rollout.retried_by,
  };
}

function reasonOf(rollout: RolloutRow): string | null {
  const { state, approval, approval_expires_at: expiresAt } = rollout;
  if (approval !== null && awaitsApproval(rollout)) return awaitedApprovals(approval, expiresAt);
  return state.ending?.reason ?? state.hold?.text ?? null;
}

function approvalsOf({
  approval,
  approval_expires_at: expiresAt,
}: RolloutRow): z.output<typeof DeploymentApprovals> | null {
  if (approval === null || expiresAt === null) return null;
  return {
    required: approval.required,
    missing: missingApprovals(approval),
    roles: [...approval.roles],
    expiresAt: expiresAt.toISOString(),
    given: approval.given.map(({ username, role, at, comment }) => ({
      approvedBy: username,
      role,
      approvedAt: new Date(at).toISOString(),
      comment,
    })),
  };
}

function waitingFor(situation: Situation, world: World): string | null {
  const { rollout } = situation;
  const wait = nextStep(deploymentOf(rollout), observedOf(situation, world), situation.now).waitsFor;
  if (wait === null) return null;
  const problem = wait.for === 'instances' ? world.problemOf(rollout.set_id) : undefined;
  return problem === undefined ? wait.text : `${wait.text}: ${problem}`;
}

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

export const historyEntryView = (entry: HistoryEntry): z.output<typeof DeploymentHistoryEntry> => ({
  sequence: entry.sequence,
  at: new Date(entry.at).toISOString(),
  event: entry.event,
  stage: entry.stage,
  metric: entry.metric,
  threshold: entry.threshold,
  value: entry.value,
  stableValue: entry.stableValue,
  samples: entry.samples,
  actor: entry.actor,
  text: entry.text,
});

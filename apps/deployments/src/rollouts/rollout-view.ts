import type { Deployment, DeploymentApprovals, DeploymentHistoryEntry } from '@switchyard/contracts';
import {
  estimatedCompletionAt,
  isTerminal,
  nextStep,
  progressOf,
  type HistoryEntry,
} from '@switchyard/rollout';
import type { z } from 'zod';
import { missingApprovals } from '../approvals/approval.js';
import { observedOf } from '../reconciling/observed-of.js';
import type { Situation } from '../reconciling/situation.js';
import type { World } from '../reconciling/world.js';
import { deploymentOf } from './deployment-of.js';
import { listedDeployment } from './listed-deployment.js';
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
    ...listedDeployment(rollout),
    strategyConfig: { ...rollout.strategy_config },
    progress: over ? state.progress : progressOf(deployment, observed),
    weight: observed.route.weight,
    waitingFor: over ? null : waitingFor(situation, world),
    totalInstances: rollout.total_instances,
    healthyInstances: healthy.length,
    unhealthyInstances: instances.length - healthy.length,
    estimatedCompletionAt: timeOf(estimatedCompletionAt(deployment, now)),
    previousDeploymentId: rollout.previous_deployment_id,
    approvals: approvalsOf(rollout),
  };
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

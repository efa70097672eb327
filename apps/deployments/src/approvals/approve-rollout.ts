import type { TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError, conflict } from '@switchyard/errors';
import { applyCommand, type HistoryEntry } from '@switchyard/rollout';
import { audited, identityOf, type EdgeCall } from '@switchyard/service';
import { reserveQuota } from '../accepting/reserve-quota.js';
import { supersedeMoving } from '../accepting/supersede-moving.js';
import { stableOf } from '../installations/stable-of.js';
import type { InstallationRow } from '../installations/installation.store.js';
import { peakDemand } from '../quotas/peak-demand.js';
import { lockQuotas } from '../quotas/quota.store.js';
import { findReleases } from '../releases/release.store.js';
import { mustLockRollout } from '../rollouts/command-rollout.js';
import { deploymentOf } from '../rollouts/deployment-of.js';
import { writeHistory } from '../rollouts/history.store.js';
import { databaseNow, raisePeak, saveRollout, type RolloutRow } from '../rollouts/rollout.store.js';
import { judgeApproval, type Approval } from './approval.js';

export interface Approving {
  readonly tenant: TenantState;
  readonly deploymentId: string;
  readonly comment: string | undefined;
}

/** Notes an approval. With the last one that is missing the deployment takes the place of what was moving until then. */
export async function approveRollout(
  tx: Transaction,
  call: EdgeCall,
  { tenant, deploymentId, comment }: Approving,
): Promise<void> {
  await lockQuotas(tx, tenant.tenantId);
  const { rollout, installation } = await mustLockRollout(tx, deploymentId);
  const now = await databaseNow(tx);
  const who = identityOf(call);
  const command = {
    type: 'approve',
    actor: who.username,
    ...(comment === undefined ? {} : { comment }),
  } as const;
  const { approval, approval_expires_at: expiresAt } = rollout;
  // Who may not is judged below: by who they are, not by what they are called.
  const answer = applyCommand({ ...deploymentOf(rollout), requestedBy: '' }, command, now);
  if (!answer.ok || approval === null)
    throw conflict(
      `The deployment "${deploymentId}": ${answer.ok ? 'no approval is awaited' : answer.reason}`,
    );
  const judged = judgeApproval(approval, who, { at: now, comment: comment ?? null });
  if (!judged.counts) {
    if (judged.refusal === null) return;
    throw new AppError('FORBIDDEN', judged.refusal);
  }
  if (expiresAt !== null && expiresAt.getTime() <= now)
    throw conflict(`The deployment "${deploymentId}" could be approved until ${expiresAt.toISOString()}`);
  if (judged.completes) await takePlace(tx, { tenant, rollout, installation, now });
  const [entry] = answer.history;
  const state = judged.completes
    ? answer.state
    : { ...rollout.state, historyLength: answer.state.historyLength };
  const saved = await saveRollout(tx, rollout, {
    state,
    approval: judged.approval,
    next_look_at: new Date(now),
  });
  if (entry) await writeHistory(tx, saved, [counted(entry, judged.approval)]);
  await audited(tx, call, {
    tenant: rollout.tenant_id,
    action: 'deployment.approve',
    subject: deploymentId,
    details: { approval: told(judged.approval), ...(comment === undefined ? {} : { reason: comment }) },
  });
}

const told = ({ given, required }: Approval): string => `${given.length} of ${required}`;

const counted = (entry: HistoryEntry, approval: Approval): HistoryEntry => ({
  ...entry,
  text: `${entry.text} (${told(approval)})`,
});

/** What it would replace went on while it waited: it may be another release by now, with more instances. */
async function takePlace(
  tx: Transaction,
  {
    tenant,
    rollout,
    installation,
    now,
  }: { tenant: TenantState; rollout: RolloutRow; installation: InstallationRow; now: number },
): Promise<void> {
  const [running, [release]] = await Promise.all([
    stableOf(tx, installation),
    findReleases(tx, [rollout.release_id]),
  ]);
  if (!release) throw new Error(`deployment ${rollout.deployment_id} has no release`);
  const peak = peakDemand(
    rollout.config,
    { instances: rollout.total_instances, resources: release.resources },
    running && { instances: running.instances, resources: running.release.resources },
  );
  const needsMore =
    peak.instances > rollout.peak_instances ||
    peak.cpu > rollout.peak_cpu ||
    peak.memoryMB > rollout.peak_memory_mb;
  if (needsMore) {
    await reserveQuota(tx, tenant, rollout, peak);
    await raisePeak(tx, rollout.deployment_id, peak);
  }
  await supersedeMoving(tx, rollout, {
    by: rollout.deployment_id,
    actor: rollout.deployed_by,
    now,
    which: ({ deployment_id }) => deployment_id !== rollout.deployment_id,
  });
}

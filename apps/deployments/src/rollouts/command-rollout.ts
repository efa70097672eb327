import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { traceparentOf } from '@switchyard/observability';
import { applyCommand, type Command } from '@switchyard/rollout';
import { audited, identityOf, type EdgeCall } from '@switchyard/service';
import { lockInstallation, type InstallationRow } from '../installations/installation.store.js';
import { writeHistory } from './history.store.js';
import { deploymentOf } from './deployment-of.js';
import { databaseNow, findRollout, lockRollout, saveRollout, type RolloutRow } from './rollout.store.js';
import { tellStatus } from './tell-status.js';

/** The deployment, and its installation, which whoever decides about it holds. */
export async function mustLockRollout(
  tx: Transaction,
  deploymentId: string,
): Promise<{ rollout: RolloutRow; installation: InstallationRow }> {
  const found = await findRollout(tx, deploymentId);
  if (!found) throw notFound('Deployment', deploymentId);
  const installation = await lockInstallation(tx, found);
  const rollout = await lockRollout(tx, deploymentId);
  if (!rollout) throw notFound('Deployment', deploymentId);
  return { rollout, installation };
}

/** A command as a caller gives it: who it is, is known. */
export type Decision = Command extends infer Each
  ? Each extends Command
    ? Omit<Each, 'actor' | 'comment'>
    : never
  : never;

/** What somebody decides holds from the commit on; what follows from it is the reconciler's. */
export async function commandRollout(
  tx: Transaction,
  call: EdgeCall,
  rollout: RolloutRow,
  decision: Decision,
  reason: string | undefined,
): Promise<RolloutRow> {
  const now = await databaseNow(tx);
  const command = {
    ...decision,
    actor: identityOf(call).username,
    ...(reason === undefined ? {} : { comment: reason }),
  } as Command;
  const answer = applyCommand(deploymentOf(rollout), command, now);
  if (!answer.ok) throw conflict(`The deployment "${rollout.deployment_id}": ${answer.reason}`);
  const saved = await saveRollout(tx, rollout, {
    state: answer.state,
    ...(rollout.settled ? {} : { next_look_at: new Date(now) }),
  });
  await writeHistory(tx, saved, answer.history);
  await tellStatus(tx, saved, rollout.status, traceparentOf(call.trace));
  await audited(tx, call, {
    tenant: rollout.tenant_id,
    action: `deployment.${decision.type}`,
    subject: rollout.deployment_id,
    details: reason === undefined ? {} : { reason },
  });
  return saved;
}

import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { applyCommand, isTerminal } from '@switchyard/rollout';
import type { InstallationKey } from '../installations/installation.store.js';
import { deploymentOf } from '../rollouts/deployment-of.js';
import { writeHistory } from '../rollouts/history.store.js';
import { saveRollout, unsettledRollouts, type RolloutRow } from '../rollouts/rollout.store.js';
import { tellStatus } from '../rollouts/tell-status.js';

export interface Superseding {
  /** The deployment that takes their place. */
  readonly by: string;
  readonly actor: string;
  readonly now: number;
  readonly which: (moving: RolloutRow) => boolean;
}

export const awaitsApproval = ({ status, state }: RolloutRow): boolean =>
  status === 'Pending' && state.approval === 'awaited';

/** A newer deployment replaces one that is still moving. Lock the installation before. */
export async function supersedeMoving(
  tx: Transaction,
  key: InstallationKey,
  { by, actor, now, which }: Superseding,
): Promise<void> {
  for (const moving of await unsettledRollouts(tx, key)) {
    if (isTerminal(moving.status) || !which(moving)) continue;
    const answer = applyCommand(deploymentOf(moving), { type: 'supersede', by, actor }, now);
    if (!answer.ok) throw conflict(answer.reason);
    const saved = await saveRollout(tx, moving, { state: answer.state, next_look_at: new Date(now) });
    await writeHistory(tx, saved, answer.history);
    await tellStatus(tx, saved, moving.status);
  }
}

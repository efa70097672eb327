import type { ServiceDatabase, Transaction } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';
import { applyCommand } from '@switchyard/rollout';
import { awaitsApproval } from '../accepting/supersede-moving.js';
import { mustLockRollout } from '../rollouts/command-rollout.js';
import { deploymentOf } from '../rollouts/deployment-of.js';
import { writeHistory } from '../rollouts/history.store.js';
import { databaseNow, expiredApprovals, saveRollout } from '../rollouts/rollout.store.js';
import { tellStatus } from '../rollouts/tell-status.js';

export interface ApprovalExpiryParts {
  readonly database: ServiceDatabase;
  /** Told of those that ended. */
  readonly ended: (deploymentIds: readonly string[]) => void;
  readonly logger: Logger;
  readonly everyMs: number;
}

const atOnce = 100;

/** Ends deployments that nobody approved in time. Any number of processes may. */
export class ApprovalExpiry {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly parts: ApprovalExpiryParts) {}

  start(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((error: unknown) =>
          this.parts.logger.warn({ err: error }, 'approvals could not be looked at; it is tried again'),
        )
        .then(() => this.start());
    }, this.parts.everyMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async sweep(): Promise<void> {
    const { database, ended } = this.parts;
    const due = await database.withPlatform('end what nobody approved', (tx) => expiredApprovals(tx, atOnce));
    for (const { deployment_id: deploymentId } of due) {
      if (await database.withPlatform('end what nobody approved', (tx) => expire(tx, deploymentId)))
        ended([deploymentId]);
    }
  }
}

async function expire(tx: Transaction, deploymentId: string): Promise<boolean> {
  const { rollout } = await mustLockRollout(tx, deploymentId);
  const now = await databaseNow(tx);
  const { approval, approval_expires_at: expiresAt } = rollout;
  if (approval === null || expiresAt === null || !awaitsApproval(rollout) || expiresAt.getTime() > now)
    return false;
  const comment = `${approval.given.length} of ${approval.required} approvals were given until ${expiresAt.toISOString()}`;
  const answer = applyCommand(deploymentOf(rollout), { type: 'reject', actor: 'switchyard', comment }, now);
  if (!answer.ok) return false;
  const saved = await saveRollout(tx, rollout, { state: answer.state, next_look_at: new Date(now) });
  await writeHistory(tx, saved, answer.history);
  await tellStatus(tx, saved, rollout.status);
  return true;
}

import type { CreateDeployment, TenantState } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import type { Logger } from '@switchyard/observability';
import type { Keyring } from '@switchyard/secrets';
import { identityOf, type EdgeCall } from '@switchyard/service';
import { installedIn } from '../installations/installed.store.js';
import { lockQuotas } from '../quotas/quota.store.js';
import type { Retry } from '../rollouts/retry-rollout.js';
import type { RolloutRow } from '../rollouts/rollout.store.js';
import { acceptOrders } from './accept-orders.js';
import { drawUp, type DrawnUp, type DrawUpParts } from './draw-up.js';
import { stopAtTheFirst } from './reasons.js';
import { stillHolds } from './still-holds.js';
import { tenantFor } from './tenant-for.js';

export interface AcceptorParts extends DrawUpParts {
  readonly keyring: Keyring;
  readonly logger: Logger;
  /** How long a deployment may wait for approvals. */
  readonly approvalMs: number;
}

export interface Accepted {
  readonly rollout: RolloutRow;
  /** Of what it cannot be without, in the order in which they are installed. */
  readonly dependencies: readonly RolloutRow[];
  readonly warnings: readonly string[];
}

/** Only where others deploy to the same environment all the time. */
const mostAttempts = 5;

/** Takes deployments in: what they ship is held at the registry before anything is written down here. */
export class Acceptor {
  constructor(private readonly parts: AcceptorParts) {}

  async accept(call: EdgeCall, input: CreateDeployment, retry: Retry | null = null): Promise<Accepted> {
    const tenant = await tenantFor(this.parts.database, identityOf(call), input);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const accepted = await this.attempt(call, tenant, input, retry);
      if (accepted) return accepted;
    }
    throw conflict(
      `What ${input.environment} runs changed while the dependencies of "${input.pluginId}" were resolved: try again`,
    );
  }

  /** Undefined when something else was installed meanwhile. */
  private async attempt(
    call: EdgeCall,
    tenant: TenantState,
    input: CreateDeployment,
    retry: Retry | null,
  ): Promise<Accepted | undefined> {
    const { database, registry } = this.parts;
    const held: string[] = [];
    try {
      const drawnUp = await drawUp(this.parts, {
        reasons: stopAtTheFirst,
        tenant,
        input,
        retry,
        versionOf: ({ releaseId, ...named }) => {
          // Before the answer: it may be lost on its way.
          held.push(releaseId);
          return registry.pin({ ...named, holder: releaseId });
        },
      });
      const accepted = await database.withTenant(tenant.tenantId, (tx) =>
        this.write(tx, call, { tenant, input, drawnUp }),
      );
      if (!accepted) await this.release(held);
      return accepted;
    } catch (error) {
      await this.release(held);
      throw error;
    }
  }

  private async write(
    tx: Transaction,
    call: EdgeCall,
    { tenant, input, drawnUp }: { tenant: TenantState; input: CreateDeployment; drawnUp: DrawnUp },
  ): Promise<Accepted | undefined> {
    await lockQuotas(tx, tenant.tenantId);
    const installed = await installedIn(tx, tenant.tenantId, input.environment);
    if (!stillHolds(drawnUp.orders, drawnUp.installed, installed)) return undefined;
    const rollouts = await acceptOrders(tx, call, drawnUp.orders, {
      tenant,
      keyring: this.parts.keyring,
      approvalMs: this.parts.approvalMs,
    });
    const rollout = rollouts.at(-1);
    if (!rollout) throw new Error('what was asked for was not written down');
    return { rollout, dependencies: rollouts.slice(0, -1), warnings: drawnUp.warnings };
  }

  private async release(held: readonly string[]): Promise<void> {
    for (const releaseId of held)
      await this.parts.registry
        .release(releaseId)
        .catch((failure: unknown) =>
          this.parts.logger.warn({ err: failure, releaseId }, 'a version stays held for nothing'),
        );
  }
}

import type { Identity } from '@switchyard/auth';
import type { CreateDeployment, TenantState } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import type { Logger } from '@switchyard/observability';
import { defaultStrategyOf } from '@switchyard/rollout';
import { identityOf, newId, type EdgeCall } from '@switchyard/service';
import type { Orchestrator } from '../orchestrators/orchestrator.js';
import type { PinnedVersion, RegistryDoor } from '../registry-door.js';
import type { Retry } from '../rollouts/retry-rollout.js';
import type { RolloutRow } from '../rollouts/rollout.store.js';
import { acceptDeployment } from './accept-deployment.js';
import { mustBeActive } from './may-deploy.js';
import { readStrategy } from './read-strategy.js';
import { findTenant } from './tenant-terms.store.js';

export interface AcceptorParts {
  readonly database: ServiceDatabase;
  readonly registry: RegistryDoor;
  readonly orchestrator: Orchestrator;
  readonly logger: Logger;
  readonly approvalMs: number;
}

/** A tenant that was made a moment ago is known here a moment later. */
const newsTravelMs = 2_000;
const lookEveryMs = 50;

/** Takes deployments in: what they ship is held at the registry before anything is written down here. */
export class Acceptor {
  constructor(private readonly parts: AcceptorParts) {}

  async accept(
    call: EdgeCall,
    input: CreateDeployment,
    retry: Retry | null = null,
  ): Promise<{ rollout: RolloutRow; warnings: readonly string[] }> {
    const { database, registry } = this.parts;
    const who = identityOf(call);
    const tenant = await this.tenantOf(who, input);
    mustBeActive(tenant);
    const strategy = input.strategy ?? defaultStrategyOf(input.environment);
    const config = readStrategy(strategy, input.strategyConfig ?? {}, input.healthCheck);
    const releaseId = newId('rel');
    const version = await registry.pin({
      identity: who,
      tenantId: tenant.tenantId,
      pluginId: input.pluginId,
      version: input.pluginVersion,
      holder: releaseId,
    });
    try {
      this.mustBeRunnable(version);
      const rollout = await database.withTenant(tenant.tenantId, (tx) =>
        acceptDeployment(tx, call, {
          deploymentId: newId('dep'),
          releaseId,
          tenant,
          input,
          version,
          strategy,
          config,
          retry,
          approvalMs: this.parts.approvalMs,
        }),
      );
      return { rollout, warnings: version.warnings };
    } catch (error) {
      await registry
        .release(releaseId)
        .catch((failure: unknown) =>
          this.parts.logger.warn({ err: failure, releaseId }, 'a version stays held for nothing'),
        );
      throw error;
    }
  }

  /** Whose installation it is for; a foreign tenant is answered as a missing one. */
  private async tenantOf(who: Identity, { tenantId }: CreateDeployment): Promise<TenantState> {
    if (who.tenant === null && tenantId === undefined)
      throw new AppError('VALIDATION_ERROR', 'The request has 1 invalid field(s): tenantId', {
        details: [{ field: 'tenantId', message: 'is required of who belongs to no tenant' }],
      });
    const wanted = tenantId ?? who.tenant ?? '';
    if (who.tenant !== null && wanted !== who.tenant) throw notFound('Tenant', wanted);
    for (const until = performance.now() + newsTravelMs; ;) {
      const tenant = await this.parts.database.readInTenant(wanted, (tx) => findTenant(tx, wanted));
      if (tenant) return tenant;
      if (performance.now() > until) throw notFound('Tenant', wanted);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  private mustBeRunnable({ pluginId, version, runtime, resources, stored }: PinnedVersion): void {
    if (!stored)
      throw conflict(
        `The artefact of ${pluginId} ${version} is not in the registry's store: upload it before it is deployed`,
      );
    const support = this.parts.orchestrator.supports(runtime, resources);
    if (!support.supported)
      throw conflict(`${pluginId} ${version} cannot run here: ${support.missing}. ${support.fix}`);
  }
}

import { Controller, Inject } from '@nestjs/common';
import type { Identity } from '@switchyard/auth';
import { routes, type AcceptedDeployment, type Deployment } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import {
  Handles,
  identityOf,
  Input,
  type EdgeCall,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import type { z } from 'zod';
import { Acceptor, type Accepted } from '../accepting/acceptor.js';
import { approveRollout } from '../approvals/approve-rollout.js';
import { mustBeActive } from '../accepting/may-deploy.js';
import { findTenant } from '../accepting/tenant-terms.store.js';
import { findInstallation } from '../installations/installation.store.js';
import { Reconciler } from '../reconciling/reconciler.js';
import { readSituation, type Situation } from '../reconciling/situation.js';
import { World } from '../reconciling/world.js';
import { commandRollout, mustLockRollout, type Decision } from './command-rollout.js';
import { readHistory } from './history.store.js';
import { retryOf } from './retry-rollout.js';
import { rollBack } from './roll-back.js';
import { findRollout, listRollouts, type RolloutRow } from './rollout.store.js';
import { listedDeployment, rolloutSummary } from './listed-deployment.js';
import { historyEntryView, rolloutView } from './rollout-view.js';
import { seenTenant } from './seen-tenant.js';

type DecisionInput = HandlerInput<typeof routes.pauseDeployment>;
type DeploymentView = z.output<typeof Deployment>;

@Controller()
export class DeploymentsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(Acceptor) private readonly acceptor: Acceptor,
    @Inject(World) private readonly world: World,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
  ) {}

  @Handles(routes.createDeployment)
  async create(
    @Input() { body, call }: HandlerInput<typeof routes.createDeployment>,
  ): HandlerOutput<typeof routes.createDeployment> {
    return this.accepted(await this.acceptor.accept(call, body));
  }

  @Handles(routes.listDeployments)
  async list(
    @Input() { query, call }: HandlerInput<typeof routes.listDeployments>,
  ): HandlerOutput<typeof routes.listDeployments> {
    const who = identityOf(call);
    const read = (tx: Transaction) => listRollouts(tx, query, query);
    const { rows, ...page } =
      who.role === 'PlatformAdmin'
        ? await this.database.withPlatform('list deployments', read)
        : await this.database.withTenant(who.tenant ?? '', read);
    return { deployments: rows.map(listedDeployment), ...page };
  }

  @Handles(routes.getDeployment)
  async get(
    @Input() { params, call }: HandlerInput<typeof routes.getDeployment>,
  ): HandlerOutput<typeof routes.getDeployment> {
    return await this.view(identityOf(call), params.deploymentId);
  }

  @Handles(routes.getDeploymentHistory)
  async history(
    @Input() { params, call }: HandlerInput<typeof routes.getDeploymentHistory>,
  ): HandlerOutput<typeof routes.getDeploymentHistory> {
    const { deploymentId } = params;
    const tenantId = await seenTenant(this.database, identityOf(call), deploymentId);
    const entries = await this.database.readInTenant(tenantId, (tx) => readHistory(tx, deploymentId));
    return { deploymentId, history: entries.map(historyEntryView) };
  }

  @Handles(routes.promoteDeployment)
  async promote(
    @Input() { params, body, call }: HandlerInput<typeof routes.promoteDeployment>,
  ): HandlerOutput<typeof routes.promoteDeployment> {
    return await this.decide(call, params.deploymentId, { type: 'promote', full: body.full }, body.reason);
  }

  @Handles(routes.pauseDeployment)
  pause(@Input() input: DecisionInput): Promise<DeploymentView> {
    return this.decided(input, 'pause');
  }

  @Handles(routes.resumeDeployment)
  resume(@Input() input: DecisionInput): Promise<DeploymentView> {
    return this.decided(input, 'resume');
  }

  @Handles(routes.abortDeployment)
  abort(@Input() input: DecisionInput): Promise<DeploymentView> {
    return this.decided(input, 'abort');
  }

  @Handles(routes.approveDeployment)
  async approve(@Input() { params, body, call }: DecisionInput): Promise<DeploymentView> {
    const { deploymentId } = params;
    const who = identityOf(call);
    const tenantId = await seenTenant(this.database, who, deploymentId);
    await this.database.withTenant(tenantId, async (tx) => {
      const tenant = await findTenant(tx, tenantId);
      if (!tenant) throw notFound('Tenant', tenantId);
      mustBeActive(tenant);
      await approveRollout(tx, call, { tenant, deploymentId, comment: body.reason });
    });
    this.reconciler.hints.deployments([deploymentId]);
    return await this.view(who, deploymentId);
  }

  @Handles(routes.rejectDeployment)
  reject(@Input() input: DecisionInput): Promise<DeploymentView> {
    return this.decided(input, 'reject');
  }

  @Handles(routes.rollbackDeployment)
  async rollback(
    @Input() { params, body, call }: HandlerInput<typeof routes.rollbackDeployment>,
  ): HandlerOutput<typeof routes.rollbackDeployment> {
    const { deploymentId } = params;
    const tenantId = await seenTenant(this.database, identityOf(call), deploymentId);
    const { rollout, previousDeploymentId, way } = await this.database.withTenant(tenantId, async (tx) => {
      const tenant = await findTenant(tx, tenantId);
      if (!tenant) throw notFound('Tenant', tenantId);
      mustBeActive(tenant);
      return await rollBack(tx, call, { tenant, deploymentId, reason: body.reason, world: this.world });
    });
    this.reconciler.hints.deployments([deploymentId, way]);
    return {
      deploymentId,
      status: 'RolledBack',
      previousDeploymentId,
      rollbackDeploymentId: way,
      rolledBackAt: new Date(rollout.state.ending?.at ?? 0).toISOString(),
    };
  }

  @Handles(routes.retryDeployment)
  async retry(
    @Input() { params, call }: HandlerInput<typeof routes.retryDeployment>,
  ): HandlerOutput<typeof routes.retryDeployment> {
    const { deploymentId } = params;
    const tenantId = await seenTenant(this.database, identityOf(call), deploymentId);
    const { input, retry } = await this.database.withTenant(tenantId, (tx) => retryOf(tx, deploymentId));
    return { ...this.accepted(await this.acceptor.accept(call, input, retry)), retryOf: deploymentId };
  }

  private accepted({ rollout, dependencies, warnings }: Accepted): z.output<typeof AcceptedDeployment> {
    this.reconciler.hints.deployments([...dependencies, rollout].map((each) => each.deployment_id));
    return {
      ...rolloutSummary(rollout),
      dependencies: dependencies.map((each) => ({
        deploymentId: each.deployment_id,
        pluginId: each.plugin_id,
        pluginVersion: each.semantic_version,
      })),
      warnings: [...warnings],
    };
  }

  private decided(
    { params, body, call }: DecisionInput,
    type: 'pause' | 'resume' | 'abort' | 'reject',
  ): Promise<DeploymentView> {
    return this.decide(call, params.deploymentId, { type }, body.reason);
  }

  private async decide(
    call: EdgeCall,
    deploymentId: string,
    decision: Decision,
    reason: string | undefined,
  ): Promise<DeploymentView> {
    const who = identityOf(call);
    const tenantId = await seenTenant(this.database, who, deploymentId);
    await this.database.withTenant(tenantId, async (tx) => {
      const { rollout } = await mustLockRollout(tx, deploymentId);
      await commandRollout(tx, call, rollout, decision, reason);
    });
    this.reconciler.hints.deployments([deploymentId]);
    return await this.view(who, deploymentId);
  }

  private async view(who: Identity, deploymentId: string): Promise<DeploymentView> {
    const tenantId = await seenTenant(this.database, who, deploymentId);
    const situation = await this.database.withTenant(tenantId, async (tx) => {
      const rollout = await findRollout(tx, deploymentId);
      return rollout && (await this.situationOf(tx, rollout));
    });
    if (!situation) throw notFound('Deployment', deploymentId);
    return rolloutView(situation, this.world);
  }

  private async situationOf(tx: Transaction, rollout: RolloutRow): Promise<Situation | undefined> {
    const installation = await findInstallation(tx, rollout);
    return installation && (await readSituation(tx, rollout, installation));
  }
}

import type { CreateDeployment, DeploymentPlan, TenantState } from '@switchyard/contracts';
import { type Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { stagePlan, strategyValues, type Stage } from '@switchyard/rollout';
import type { Keyring } from '@switchyard/secrets';
import { identityOf, type EdgeCall } from '@switchyard/service';
import type { z } from 'zod';
import { checkOrders, type CheckedOrder } from '../accepting/check-orders.js';
import { drawUp, type DrawnUp, type DrawUpParts } from '../accepting/draw-up.js';
import { AllReasons } from '../accepting/reasons.js';
import { mustFitQuotas, quotaNeed } from '../accepting/reserve-quota.js';
import { tenantFor } from '../accepting/tenant-for.js';
import { findApprovalPolicy } from '../approvals/approval-policy.store.js';
import { ruleIn } from '../approvals/rules.js';
import { findInstallation } from '../installations/installation.store.js';
import { nothing, peakDemand, sum } from '../quotas/peak-demand.js';
import { quotaSides, type QuotaUse } from '../quotas/quota-problem.js';
import { planProblems } from './plan-problem.js';
import { readOnly } from './read-only.store.js';

type Plan = z.output<typeof DeploymentPlan>;

export interface PlannerParts extends DrawUpParts {
  readonly keyring: Keyring;
}

/** What to deploy would do. It asks and checks what the acceptor does, by the same functions and in the same order. */
export class Planner {
  constructor(private readonly parts: PlannerParts) {}

  async plan(call: EdgeCall, input: CreateDeployment): Promise<Plan> {
    const { database, registry } = this.parts;
    const tenant = await tenantFor(database, identityOf(call), input);
    const reasons = new AllReasons();
    const drawnUp = await drawUp(this.parts, {
      reasons,
      tenant,
      input,
      retry: null,
      versionOf: async ({ releaseId: _, ...named }) => {
        const { refusals, ...version } = await registry.look(named);
        for (const refusal of refusals)
          await reasons.check(() => {
            throw conflict(refusal);
          });
        return version;
      },
    });
    const checked = await database.withTenant(tenant.tenantId, (tx) =>
      this.check(tx, { tenant, input, drawnUp, reasons }),
    );
    return { ...this.view(tenant, input, drawnUp, checked), ...told(reasons) };
  }

  private async check(
    tx: Transaction,
    {
      tenant,
      input: { environment },
      drawnUp: { orders },
      reasons,
    }: { tenant: TenantState; input: CreateDeployment; drawnUp: DrawnUp; reasons: AllReasons },
  ): Promise<Checked> {
    await readOnly(tx);
    let planned: QuotaUse = { ...nothing, plugins: 0 };
    let used = planned;
    let last: CheckedOrder | undefined;
    await checkOrders(tx, orders, {
      reasons,
      tenant,
      keyring: this.parts.keyring,
      installationOf: ({ key }) => findInstallation(tx, key),
      checked: async (checked) => {
        last = checked;
        const { config, version, key } = checked.order;
        if (config === null) return;
        const { running, totalInstances } = checked;
        const peak = peakDemand(
          config,
          { instances: totalInstances, resources: version.resources },
          running && { instances: running.instances, resources: running.release.resources },
        );
        const need = await quotaNeed(tx, key, peak, planned);
        await reasons.check(() => mustFitQuotas(tenant, need));
        used = minus(need.used, planned);
        planned = { ...sum(planned, need.needed), plugins: planned.plugins + need.needed.plugins };
      },
    });
    const { approvals, roles } = ruleIn((await findApprovalPolicy(tx, tenant.tenantId)).rules, environment);
    return { last, used, needed: planned, approvals: { required: approvals, roles: [...roles] } };
  }

  private view(
    { tenantId, quotas }: TenantState,
    input: CreateDeployment,
    { orders, installed, strategy, resolution, warnings }: DrawnUp,
    { last, used, needed, approvals }: Checked,
  ): Omit<Plan, 'deployable' | 'problems'> {
    const { pluginId, pluginVersion, environment } = input;
    const wanted = orders.at(-1);
    const config = wanted?.config ?? null;
    const running = last?.running ?? null;
    const support =
      wanted && this.parts.orchestrator.supports(wanted.version.runtime, wanted.version.resources);
    const installs = new Set(orders.map(({ deploymentId }) => deploymentId));
    return {
      pluginId,
      pluginVersion,
      tenantId,
      environment,
      current: running && {
        pluginVersion: running.release.semantic_version,
        deploymentId: last?.installation?.stable_deployment ?? '',
        totalInstances: running.instances,
      },
      replaces: installed.find((row) => row.plugin_id === pluginId)?.moving_deployment ?? null,
      strategy,
      strategyConfig: config && strategyValues(config),
      stages:
        config && last
          ? stagePlan(config, { total: last.totalInstances, stable: running?.instances ?? 0 }).map(stageView)
          : [],
      totalInstances: last?.totalInstances ?? null,
      quotas: resolution || last ? quotaSides(quotas, used, needed) : [],
      dependencies: orders
        .slice(0, -1)
        .map(({ version }) => ({ pluginId: version.pluginId, pluginVersion: version.version })),
      waitsFor: (wanted?.awaits ?? []).filter((id) => !installs.has(id)),
      enforcement: support?.supported
        ? { runner: support.runner, ...support.enforcement, notes: [...support.enforcement.notes] }
        : null,
      approvals,
      warnings: [...warnings],
    };
  }
}

interface Checked {
  readonly last: CheckedOrder | undefined;
  readonly used: QuotaUse;
  readonly needed: QuotaUse;
  readonly approvals: Plan['approvals'];
}

const told = ({ found }: AllReasons): Pick<Plan, 'deployable' | 'problems'> => ({
  deployable: found.length === 0,
  problems: found.flatMap(planProblems),
});

const minus = (a: QuotaUse, b: QuotaUse): QuotaUse => ({
  instances: a.instances - b.instances,
  cpu: a.cpu - b.cpu,
  memoryMB: a.memoryMB - b.memoryMB,
  plugins: a.plugins - b.plugins,
});

const stageView = (stage: Stage): Plan['stages'][number] => ({
  name: stage.name,
  weight: stage.weight,
  instances: stage.candidate,
  currentInstances: stage.stable,
  holdSeconds: stage.holdMs / 1_000,
  readyWithinSeconds: stage.readyWithinMs === null ? null : stage.readyWithinMs / 1_000,
  smokeTests: [...stage.smokeTests],
});

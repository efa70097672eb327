import type { CreateDeployment, Resolution, TenantState } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { defaultStrategyOf, type Strategy } from '@switchyard/rollout';
import { newId } from '@switchyard/service';
import { installedIn, type InstalledRow } from '../installations/installed.store.js';
import type { Orchestrator } from '../orchestrators/orchestrator.js';
import type { PinnedVersion, RegistryDoor } from '../registry-door.js';
import type { Retry } from '../rollouts/retry-rollout.js';
import { mustBeActive } from './may-deploy.js';
import { mustBeRunnable, mustBeStored } from './must-be-runnable.js';
import { mustBeThere, mustGetOn, requiredBy, toInstall, viewsOf } from './needed-beside.js';
import type { Order } from './order.js';
import { readStrategy } from './read-strategy.js';
import type { Reasons } from './reasons.js';

export interface DrawUpParts {
  readonly database: ServiceDatabase;
  readonly registry: RegistryDoor;
  readonly orchestrator: Orchestrator;
}

export interface DrawUp {
  readonly reasons: Reasons;
  readonly tenant: TenantState;
  readonly input: CreateDeployment;
  readonly retry: Retry | null;
  /** To deploy holds each version, a plan only looks at it. */
  readonly versionOf: (named: {
    tenantId: string;
    pluginId: string;
    version: string;
    releaseId: string;
  }) => Promise<PinnedVersion>;
}

export interface DrawnUp {
  readonly strategy: Strategy;
  /** Dependencies first, what was asked for last. */
  readonly orders: readonly Order[];
  readonly resolution: Resolution | null;
  /** What the resolution was made for. */
  readonly installed: readonly InstalledRow[];
  readonly warnings: readonly string[];
}

/** What it takes to do as asked, as far as it can be said before anything is locked. */
export async function drawUp(
  parts: DrawUpParts,
  { reasons, tenant, input, retry, versionOf }: DrawUp,
): Promise<DrawnUp> {
  const { tenantId } = tenant;
  const { environment, pluginId } = input;
  await reasons.check(() => mustBeActive(tenant));
  const strategy = input.strategy ?? defaultStrategyOf(environment);
  const config = await reasons.check(() =>
    readStrategy(strategy, input.strategyConfig ?? {}, input.healthCheck),
  );

  const order = async (
    named: { pluginId: string; version: string },
    how: Pick<Order, 'strategy' | 'config' | 'given' | 'retry' | 'awaits'>,
  ): Promise<Order[]> => {
    const releaseId = newId('rel');
    const version = await reasons.check(() => versionOf({ tenantId, ...named, releaseId }));
    if (!version) return [];
    await reasons.check(() => mustBeStored(version));
    await reasons.check(() => mustBeRunnable(parts.orchestrator, version));
    const key = { tenant_id: tenantId, environment, plugin_id: named.pluginId };
    return [{ deploymentId: newId('dep'), releaseId, key, version, ...how }];
  };

  const root = { pluginId, version: input.pluginVersion };
  const [wanted] = await order(root, { strategy, config: config ?? null, given: input, retry, awaits: [] });
  const installed = await parts.database.readInTenant(tenantId, (tx) =>
    installedIn(tx, tenantId, environment),
  );
  if (!wanted) return { strategy, orders: [], resolution: null, installed, warnings: [] };
  const resolutions = await reasons.check(() =>
    Promise.all(
      viewsOf(installed, pluginId).map((view) =>
        parts.registry.resolve({ tenantId, ...root, installed: view }),
      ),
    ),
  );
  const resolution = resolutions?.[0] ?? null;
  await reasons.check(() => mustGetOn(resolutions ?? []));
  if (resolution && !input.installDependencies) await reasons.check(() => mustBeThere(root, resolution));

  const dependencies: Order[] = [];
  if (resolution && input.installDependencies)
    for (const named of toInstall(pluginId, resolution)) {
      const how = {
        strategy: 'Direct',
        config: readStrategy('Direct', {}, undefined),
        given: {},
        retry: null,
      } as const;
      // One after the other: each may need the one before to start.
      const awaits = dependencies.slice(-1).map(({ deploymentId }) => deploymentId);
      dependencies.push(...(await order(named, { ...how, awaits })));
    }
  const needed = resolution ? requiredBy(pluginId, resolution) : new Set<string>();
  const underWay = installed.flatMap((row) =>
    row.stable === null && row.moving_deployment !== null && needed.has(row.plugin_id)
      ? [row.moving_deployment]
      : [],
  );
  const awaits = [...underWay, ...dependencies.map(({ deploymentId }) => deploymentId)];
  const orders = [...dependencies, { ...wanted, awaits }];
  return {
    strategy,
    orders,
    resolution,
    installed,
    warnings: [
      ...new Set([...orders.flatMap(({ version }) => version.warnings), ...(resolution?.warnings ?? [])]),
    ],
  };
}

import type { EnvironmentName } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound, type AppError } from '@switchyard/errors';
import { audited, type EdgeCall } from '@switchyard/service';
import { lockQuotas } from '../quotas/quota.store.js';
import { unsettledRollouts } from '../rollouts/rollout.store.js';
import { drainSets, setsOfInstallation } from '../sets/set.store.js';
import { dependentsOf, type Dependent } from './dependents-of.js';
import { environmentsOf, lockInstallation, saveInstallation } from './installation.store.js';
import { installedIn } from './installed.store.js';
import { tellInstalled, tellRoute } from './tell-route.js';

export interface Undeployed {
  readonly environment: EnvironmentName;
  readonly setIds: readonly string[];
}

/** Nothing reaches it from this commit on; its instances end when their requests have ended. */
export async function undeploy(
  tx: Transaction,
  call: EdgeCall,
  of: { tenantId: string; pluginId: string; environment: EnvironmentName | undefined; force: boolean },
): Promise<Undeployed> {
  const { tenantId, pluginId, force } = of;
  // Whoever deploys what depends on it either sees that it is gone, or is seen here.
  await lockQuotas(tx, tenantId);
  const environment = chosen(pluginId, await environmentsOf(tx, tenantId, pluginId), of.environment);
  const key = { tenant_id: tenantId, environment, plugin_id: pluginId };
  const installation = await lockInstallation(tx, key);
  // One whose old instances are only leaving has nothing left to decide.
  const moving = (await unsettledRollouts(tx, key)).find(({ state }) => state.step !== 'settling');
  if (moving)
    throw conflict(
      `The deployment "${moving.deployment_id}" of "${pluginId}" is not over: abort it, or wait until it has ended`,
    );
  if (installation.stable_set === null) throw notFound('Plugin', pluginId);
  const dependents = dependentsOf(pluginId, await installedIn(tx, tenantId, environment));
  if (dependents.length > 0 && !force) throw needed(pluginId, dependents);
  const after = await saveInstallation(tx, installation, {
    stable_set: null,
    stable_deployment: null,
    candidate_set: null,
    candidate_deployment: null,
    candidate_weight: 0,
    sticky: false,
    deployed_at: null,
  });
  await tellRoute(tx, after);
  await tellInstalled(tx, after);
  const setIds = await setsOfInstallation(tx, key);
  await drainSets(tx, setIds);
  await audited(tx, call, {
    tenant: tenantId,
    action: 'plugin.undeployed',
    subject: pluginId,
    details: { environment, ...(dependents.length > 0 ? { force, dependents: dependents.map(nameOf) } : {}) },
  });
  return { environment, setIds };
}

const nameOf = ({ pluginId, version }: Dependent): string => `${pluginId} ${version}`;

const needed = (pluginId: string, dependents: readonly Dependent[]): AppError =>
  conflict(
    `"${pluginId}" is needed by ${dependents.map(nameOf).join(', ')}: undeploy what needs it first, or send ?force=true`,
    dependents.map((each) => ({
      field: each.pluginId,
      message: `${nameOf(each)} needs ${pluginId} ${each.versionConstraint}`,
    })),
  );

/** The only one there is, when none is named; else Production. */
function chosen(
  pluginId: string,
  there: readonly EnvironmentName[],
  named: EnvironmentName | undefined,
): EnvironmentName {
  const environment = named ?? (there.length === 1 ? there[0] : there.find((each) => each === 'Production'));
  if (environment !== undefined && there.includes(environment)) return environment;
  if (environment === undefined && there.length > 1)
    throw conflict(`"${pluginId}" runs in ${there.join(', ')}: name one with ?environment=`);
  throw notFound('Plugin', pluginId);
}

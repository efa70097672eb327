import type { EnvironmentName } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { audited, type EdgeCall } from '@switchyard/service';
import { unsettledRollouts } from '../rollouts/rollout.store.js';
import { drainSets, setsOfInstallation } from '../sets/set.store.js';
import { environmentsOf, lockInstallation, saveInstallation } from './installation.store.js';
import { tellInstalled, tellRoute } from './tell-route.js';

export interface Undeployed {
  readonly environment: EnvironmentName;
  readonly setIds: readonly string[];
}

/** Nothing reaches it from this commit on; its instances end when their requests have ended. */
export async function undeploy(
  tx: Transaction,
  call: EdgeCall,
  of: { tenantId: string; pluginId: string; environment: EnvironmentName | undefined },
): Promise<Undeployed> {
  const { tenantId, pluginId } = of;
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
    details: { environment },
  });
  return { environment, setIds };
}

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

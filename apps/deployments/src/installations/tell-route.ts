import { installationChanged, installationKey, routePolicyFeed } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { feedPut, feedRemove, publish } from '@switchyard/events';
import { findReleases, type ReleaseRow } from '../releases/release.store.js';
import { findSets } from '../sets/set.store.js';
import type { InstallationRow } from './installation.store.js';
import { routePolicy, type RoutedRelease } from './route-policy.js';

/** Tells gateways where requests go, in the transaction that changed the installation's pointers. */
export async function tellRoute(tx: Transaction, installation: InstallationRow): Promise<void> {
  const releases = await releasesBySet(tx, [installation.stable_set, installation.candidate_set]);
  const routed = (setId: string | null, deploymentId: string | null): RoutedRelease | null => {
    const release = setId === null ? undefined : releases.get(setId);
    if (setId === null || deploymentId === null || !release) return null;
    return { setId, deploymentId, version: release.semantic_version, manifest: release.manifest };
  };
  const policy = routePolicy(installation, {
    stable: routed(installation.stable_set, installation.stable_deployment),
    candidate: routed(installation.candidate_set, installation.candidate_deployment),
  });
  const key = installationKey({
    tenantId: installation.tenant_id,
    environment: installation.environment,
    pluginId: installation.plugin_id,
  });
  if (policy) await feedPut(tx, routePolicyFeed, key, policy);
  else await feedRemove(tx, routePolicyFeed, key);
}

/** Tells everybody what runs now. An event of the platform: only a platform transaction may. */
export async function tellInstalled(tx: Transaction, installation: InstallationRow): Promise<void> {
  const { stable_set: stableSet } = installation;
  const release = stableSet === null ? undefined : (await releasesBySet(tx, [stableSet])).get(stableSet);
  await publish(tx, installationChanged, {
    tenant: null,
    key: installation.plugin_id,
    data: {
      tenantId: installation.tenant_id,
      pluginId: installation.plugin_id,
      environment: installation.environment,
      version: release?.semantic_version ?? null,
      revision: Number(installation.revision),
    },
  });
}

async function releasesBySet(
  tx: Transaction,
  setIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, ReleaseRow>> {
  const sets = await findSets(
    tx,
    setIds.filter((id) => id !== null),
  );
  const releases = await findReleases(
    tx,
    sets.map(({ release_id }) => release_id),
  );
  return new Map(
    sets.flatMap(({ set_id, release_id }) => {
      const release = releases.find((each) => each.release_id === release_id);
      return release ? [[set_id, release]] : [];
    }),
  );
}

import { installationKey, routePolicyFeed, type RouteVersion } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { InstallationRow } from '../installations/installation.store.js';
import { findAwaited, type AwaitedRow } from '../rollouts/awaited.store.js';
import { unsettledRollouts, databaseNow, type RolloutRow } from '../rollouts/rollout.store.js';
import { findSets, type SetRow } from '../sets/set.store.js';
import { feedVersionOf } from './feed-version.store.js';

/** All rows that a decision about a rollout may depend on, of one moment. */
export interface Situation {
  readonly rollout: RolloutRow;
  readonly installation: InstallationRow;
  readonly candidate: SetRow;
  readonly stable: SetRow | null;
  readonly predecessor: string | null;
  readonly awaited: readonly AwaitedRow[];
  /** Of the policy as it is written; null: none ever was. */
  readonly policyAt: RouteVersion | null;
  /** The database's clock. */
  readonly now: number;
}

/** What it returns to: fixed when it starts. */
const stableSetOf = (rollout: RolloutRow, installation: InstallationRow): string | null =>
  rollout.state.startedAt === null ? installation.stable_set : rollout.stable_set;

export async function readSituation(
  tx: Transaction,
  rollout: RolloutRow,
  installation: InstallationRow,
): Promise<Situation> {
  const stableId = stableSetOf(rollout, installation);
  const key = installationKey({
    tenantId: rollout.tenant_id,
    environment: rollout.environment,
    pluginId: rollout.plugin_id,
  });
  const [sets, moving, awaited, policyAt, now] = await Promise.all([
    findSets(tx, stableId === null ? [rollout.set_id] : [rollout.set_id, stableId]),
    unsettledRollouts(tx, rollout),
    rollout.state.startedAt === null && rollout.awaits.length > 0 ? findAwaited(tx, rollout.awaits) : [],
    feedVersionOf(tx, routePolicyFeed, key),
    databaseNow(tx),
  ]);
  const candidate = sets.find(({ set_id }) => set_id === rollout.set_id);
  if (!candidate) throw new Error(`deployment ${rollout.deployment_id} has no set`);
  const place = moving.findIndex(({ deployment_id }) => deployment_id === rollout.deployment_id);
  return {
    rollout,
    installation,
    candidate,
    stable: sets.find(({ set_id }) => set_id === stableId) ?? null,
    awaited,
    predecessor: moving[place - 1]?.deployment_id ?? null,
    policyAt,
    now,
  };
}

import { isTerminal, type Observed, type ObservedDependency, type ObservedSet } from '@switchyard/rollout';
import type { AwaitedRow } from '../rollouts/awaited.store.js';
import { chooseLeaving } from '../sets/choose-leaving.js';
import type { SetRow } from '../sets/set.store.js';
import type { Situation } from './situation.js';
import type { World } from './world.js';

/** The world as the engine wants to see it. */
export function observedOf(situation: Situation, world: World): Observed {
  const { rollout, installation, candidate, stable, policyAt, now } = situation;
  const promoted = installation.stable_set === rollout.set_id;
  const weight = installation.candidate_set === rollout.set_id ? installation.candidate_weight : 0;
  return {
    candidate: observedSet(candidate, world, now),
    stable: stable && observedSet(stable, world, now),
    route: {
      weight: promoted ? 100 : weight,
      confirmed: policyAt === null || world.everyGatewayServes('policies', policyAt, now),
      promoted,
    },
    predecessor: situation.predecessor,
    dependencies: situation.awaited.map(observedDependency),
    smokeTests: rollout.smoke_tests,
  };
}

const observedDependency = (awaited: AwaitedRow): ObservedDependency => ({
  deploymentId: awaited.deployment_id,
  pluginId: awaited.plugin_id,
  version: awaited.semantic_version,
  state: awaited.status === 'Completed' ? 'completed' : isTerminal(awaited.status) ? 'ended' : 'moving',
  reason: awaited.reason,
});

/** Ready is what every gateway can ask: nobody gets traffic before all of them know where it is. */
function observedSet(set: SetRow, world: World, now: number): ObservedSet {
  const instances = world.instancesOf(set.set_id);
  const leaving = chooseLeaving(instances, set.desired);
  return {
    desired: set.desired,
    fate: set.fate,
    samples: world.samplesOf(set.set_id),
    instances: instances.map(({ instanceId: id, ready, crashes }) => ({
      id,
      ready: ready && !leaving.has(id) && world.isReachable(set.set_id, id, now),
      crashes: Math.max(0, crashes - (set.crashes[id] ?? 0)),
      consecutiveFailedChecks: world.healthOf(set.set_id, id)?.consecutiveFailedChecks ?? 0,
    })),
  };
}

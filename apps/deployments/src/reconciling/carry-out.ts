import type { Transaction } from '@switchyard/database';
import type { Action, Slot } from '@switchyard/rollout';
import { saveInstallation, type InstallationRow } from '../installations/installation.store.js';
import { tellInstalled, tellRoute } from '../installations/tell-route.js';
import { drainSets, scaleSet, setFate, warmSetsBeside } from '../sets/set.store.js';
import type { Situation } from './situation.js';

/** Writes down what an action asks for. What runs and what gateways do follows from these rows. */
export async function carryOut(
  tx: Transaction,
  situation: Situation,
  installation: InstallationRow,
  action: Exclude<Action, { type: 'smokeTest' }>,
): Promise<InstallationRow> {
  const { rollout, stable } = situation;
  const setOf = (slot: Slot): string | null => (slot === 'candidate' ? rollout.set_id : rollout.stable_set);
  switch (action.type) {
    case 'scale': {
      const setId = setOf(action.slot);
      if (setId !== null) await scaleSet(tx, setId, action.instances);
      return installation;
    }
    case 'route': {
      const after = await saveInstallation(tx, installation, {
        stable_set: rollout.stable_set,
        stable_deployment: stable?.deployment_id ?? null,
        candidate_set: rollout.set_id,
        candidate_deployment: rollout.deployment_id,
        candidate_weight: action.weights.candidate,
        sticky: action.sticky,
      });
      await tellRoute(tx, after);
      if (after.stable_set !== installation.stable_set) await tellInstalled(tx, after);
      return after;
    }
    case 'promote': {
      const after = await saveInstallation(tx, installation, {
        stable_set: rollout.set_id,
        stable_deployment: rollout.deployment_id,
        candidate_set: null,
        candidate_deployment: null,
        candidate_weight: 0,
        sticky: false,
        deployed_at: new Date(situation.now),
      });
      await tellRoute(tx, after);
      await tellInstalled(tx, after);
      await setFate(tx, rollout.set_id, 'live');
      await drainSets(tx, await warmSetsBeside(tx, rollout, [rollout.set_id, rollout.stable_set]));
      return after;
    }
    case 'keepWarm':
      if (rollout.stable_set !== null) await setFate(tx, rollout.stable_set, 'warm');
      return installation;
    case 'drain': {
      const after =
        action.slot === 'candidate' ? await leaveRoute(tx, situation, installation) : installation;
      const setId = setOf(action.slot);
      if (setId !== null) await drainSets(tx, [setId]);
      return after;
    }
  }
}

/** Takes the deployment's set out of the candidate slot. */
export async function leaveRoute(
  tx: Transaction,
  { rollout }: Situation,
  installation: InstallationRow,
): Promise<InstallationRow> {
  if (installation.candidate_set !== rollout.set_id) return installation;
  const after = await saveInstallation(tx, installation, {
    candidate_set: null,
    candidate_deployment: null,
    candidate_weight: 0,
    sticky: false,
  });
  await tellRoute(tx, after);
  return after;
}

import type { Transaction } from '@switchyard/database';
import { nextStep, type Action, type NextStep } from '@switchyard/rollout';
import type { InstallationRow } from '../installations/installation.store.js';
import { writeHistory } from '../rollouts/history.store.js';
import { deploymentOf } from '../rollouts/deployment-of.js';
import { saveRollout, takeLease, type RolloutRow } from '../rollouts/rollout.store.js';
import { tellStatus } from '../rollouts/tell-status.js';
import { drainSets } from '../sets/set.store.js';
import { carryOut, leaveRoute } from './carry-out.js';
import { observedOf } from './observed-of.js';
import type { Situation } from './situation.js';
import type { World } from './world.js';

/** Longer than all smoke tests of a deployment take. */
const smokeTestLeaseMs = 120_000;

export interface SmokeTestTask {
  readonly deploymentId: string;
  readonly setId: string;
  readonly fence: string;
  readonly endpoints: readonly string[];
}

export interface StepTaken {
  /** The next step follows from what is now stored. */
  readonly again: boolean;
  readonly smokeTests?: SmokeTestTask;
}

export const decide = (situation: Situation, world: World): NextStep =>
  nextStep(deploymentOf(situation.rollout), observedOf(situation, world), situation.now);

/** Whether anything has to be written: a rollout that waits for what it already waited for costs a look and nothing else. */
export const hasWork = ({ rollout, now }: Situation, next: NextStep): boolean =>
  next.changed ||
  next.settled !== rollout.settled ||
  (next.waitsFor?.for ?? null) !== rollout.waits_for ||
  next.actions.some((action) => isPossible(action, rollout, now)) ||
  nextLook(rollout, next, now)?.getTime() !== rollout.next_look_at?.getTime();

const isPossible = (action: Action, { lease_until }: RolloutRow, now: number): boolean =>
  action.type !== 'smokeTest' || lease_until === null || lease_until.getTime() < now;

/** What is stored stays when it is soon enough. */
function nextLook({ next_look_at: stored }: RolloutRow, next: NextStep, now: number): Date | null {
  if (next.settled) return null;
  const wanted = next.nextLookAt;
  const isAhead = stored !== null && stored.getTime() > now;
  if (isAhead && (wanted === null || stored.getTime() <= wanted)) return stored;
  return wanted === null ? null : new Date(wanted);
}

/**
 * One step, in one transaction that holds the installation: the new state, its history and what follows from it in our own
 * rows are there together or not at all, so that nothing is left undone when the process ends here.
 */
export async function takeStep(tx: Transaction, situation: Situation, next: NextStep): Promise<StepTaken> {
  const { rollout, now } = situation;
  const stableSet =
    rollout.state.startedAt === null ? (situation.stable?.set_id ?? null) : rollout.stable_set;
  const isStarted = next.state.startedAt !== null;
  const saved = await saveRollout(tx, rollout, {
    state: next.state,
    settled: next.settled,
    waits_for: next.waitsFor?.for ?? null,
    next_look_at: nextLook(rollout, next, now),
    stable_set: isStarted ? stableSet : null,
    ...(rollout.state.startedAt === null && isStarted
      ? { previous_deployment_id: situation.installation.stable_deployment }
      : {}),
  });
  await writeHistory(tx, saved, next.history);
  await tellStatus(tx, saved, rollout.status);
  const current = { ...situation, rollout: saved };
  let { installation } = situation;
  let smokeTests: SmokeTestTask | undefined;
  for (const action of next.actions) {
    if (!isPossible(action, rollout, now)) continue;
    if (action.type === 'smokeTest') smokeTests = await claimSmokeTests(tx, saved, action.endpoints);
    else installation = await carryOut(tx, current, installation, action);
  }
  if (next.settled) await clearUp(tx, current, installation);
  return {
    again: next.nextLookAt !== null && next.nextLookAt <= now && !next.settled,
    ...(smokeTests ? { smokeTests } : {}),
  };
}

async function claimSmokeTests(
  tx: Transaction,
  { deployment_id: deploymentId, set_id: setId }: RolloutRow,
  endpoints: readonly string[],
): Promise<SmokeTestTask | undefined> {
  const lease = await takeLease(tx, deploymentId, smokeTestLeaseMs);
  return lease && { deploymentId, setId, fence: lease.fence, endpoints };
}

/** What never ran needs no draining, and the engine asks for none. */
async function clearUp(tx: Transaction, situation: Situation, installation: InstallationRow): Promise<void> {
  const { rollout } = situation;
  if (installation.stable_set === rollout.set_id) return;
  await leaveRoute(tx, situation, installation);
  await drainSets(tx, [rollout.set_id]);
}

import { actionsFor } from './actions-for.js';
import { advance } from './advance.js';
import { deadlineOf, holdEndsAt } from './deadline.js';
import type { Deployment } from './deployment.js';
import type { HistoryEntry } from './history-entry.js';
import { lookAt, type Look } from './look.js';
import type { NextStep, Wait } from './next-step-answer.js';
import type { Observed } from './observed.js';
import { progressOf } from './progress-of.js';
import type { RolloutState } from './rollout-state.js';
import { waitOf } from './wait-of.js';

/** More than any look can lead to: stages that take no time, each with its steps. */
const MOST_CHANGES = 1_000;

/** How long after a change that no event may tell, such as a gateway that died before it confirmed, to look again. */
const LOOK_AGAIN_MS = 2_000;

/** Decides what the deployment does now. The same arguments give the same answer; nothing else is asked. */
export function nextStep(deployment: Deployment, observed: Observed, now: number): NextStep {
  const history: HistoryEntry[] = [];
  let look = lookAt(deployment, observed, now);
  for (let count = 0; ; count += 1) {
    const change = advance(look);
    if (change === null) break;
    if (count === MOST_CHANGES) throw new Error(`deployment ${deployment.id} comes to no rest`);
    history.push(...change.history);
    look = lookAt({ ...deployment, state: change.state }, observed, now);
    if (needsToBeStored(change.state, deployment.state)) break;
  }
  const state = withProgress(look);
  const storeFirst = needsToBeStored(state, deployment.state);
  const waitsFor = waitOf(look);
  return {
    state,
    changed: state !== deployment.state,
    history,
    actions: actionsFor({ ...look, state }, { storeFirst }),
    waitsFor,
    nextLookAt: storeFirst ? now : nextLookAt(look, waitsFor),
    settled: state.step === 'settled',
  };
}

/**
 * What stable was at the start, that it is replaced, and that instances end: forgotten by a crash, none of it could be told again
 * from what is observed. Only from what is stored of it anything follows.
 */
const needsToBeStored = ({ step }: RolloutState, before: RolloutState): boolean =>
  step !== before.step && (before.step === 'waiting' || step === 'promoting' || step === 'settling');

function withProgress({ state, deployment, observed }: Look): RolloutState {
  const progress = progressOf({ ...deployment, state }, observed);
  return progress === state.progress ? state : { ...state, progress };
}

function nextLookAt(look: Look, waitsFor: Wait | null): number | null {
  switch (waitsFor?.for) {
    case undefined:
    case 'approval':
    case 'predecessor':
    case 'dependencies':
    case 'person':
      return null;
    case 'time':
      return Math.max(holdEndsAt(look), look.now);
    case 'instances':
    case 'smokeTests':
      return deadlineOf(look)?.at ?? null;
    case 'gateways':
    case 'promotion':
    case 'stableInstances':
    case 'oldInstances':
      return look.now + LOOK_AGAIN_MS;
  }
}

import { currentStage, type Look } from './look.js';
import type { Action } from './next-step-answer.js';
import { readyInstances } from './ready-instances.js';
import { reservedPairs, stableBeside } from './reserved-pairs.js';
import { returnWeight } from './return-traffic.js';
import { safeWeight } from './safe-weight.js';
import { settlingActions } from './settle.js';
import { pendingSmokeTests } from './smoke-tests.js';
import { promisedCapacity } from './stage-plan.js';

/** What the world lacks of what the state asks for; of one that has to be stored first, no more than that traffic is safe. */
export function actionsFor(look: Look, { storeFirst }: { readonly storeFirst: boolean }): Action[] {
  if (storeFirst) return routeActions(look);
  switch (look.state.step) {
    case 'waiting':
    case 'settled':
      return [];
    case 'scaling':
    case 'testing':
    case 'routing':
    case 'observing':
      return movingActions(look);
    case 'promoting':
      return promotingActions(look);
    case 'returning':
      return returningActions(look);
    case 'settling':
      return settlingActions(look);
  }
}

function movingActions(look: Look): Action[] {
  const { state, observed } = look;
  const actions = routeActions(look);
  if (state.status !== 'InProgress') return actions;
  const stage = currentStage(look);
  if (observed.candidate.desired < stage.candidate)
    actions.push({ type: 'scale', slot: 'candidate', instances: stage.candidate });
  if (state.step === 'testing' && observed.smokeTests === null)
    actions.push({ type: 'smokeTest', endpoints: pendingSmokeTests(stage, observed) });
  if (state.step === 'observing') actions.push(...reducingActions(look));
  return actions;
}

function promotingActions(look: Look): Action[] {
  const { state, observed, ready } = look;
  const canPromote = state.status === 'InProgress' && !observed.route.promoted && ready > 0;
  return canPromote ? [{ type: 'promote' }] : routeActions(look);
}

function routeActions(look: Look): Action[] {
  const { state, observed } = look;
  if (observed.route.promoted) return [];
  return routeTo(look, safeWeight(state.weight, observed));
}

function routeTo({ deployment: { config }, observed }: Look, candidate: number): Action[] {
  if (observed.route.weight === candidate && !observed.route.promoted) return [];
  const sticky = config.strategy === 'ABTest' && config.routingStrategy === 'user-hash';
  return [{ type: 'route', weights: { stable: 100 - candidate, candidate }, sticky }];
}

/** Stable gives up instances only as far as ready ones make up for them, and once the traffic has moved to stay there. */
function reducingActions(look: Look): Action[] {
  const { deployment, state, observed, ready } = look;
  const { stable, route } = observed;
  const stage = currentStage(look);
  const hasMoved = route.confirmed && route.weight === stage.weight;
  const stays = safeWeight(stage.weight, observed) === stage.weight;
  if (stable === null || !hasMoved || !stays) return [];
  const promised = promisedCapacity({ total: deployment.totalInstances, stable: state.stableInstances ?? 0 });
  const spare = ready + Math.min(readyInstances(stable), stable.desired) - promised;
  const left = Math.max(stage.stable, stable.desired - Math.max(0, spare));
  return left < stable.desired ? [{ type: 'scale', slot: 'stable', instances: left }] : [];
}

/**
 * Where stable gave up instances it gets them back within what was reserved. As long as it has traffic the candidate keeps its first
 * batch, which had room beside all of stable, and beyond that no more than what stable's own instances do not make up for yet.
 */
function returningActions(look: Look): Action[] {
  const { state, observed, deployment, stages, ready } = look;
  const { candidate, stable, route } = observed;
  const needed = state.stableInstances ?? 0;
  const actions = routeTo(look, returnWeight(look));
  if (stable === null || stable.desired >= needed) return actions;
  const sizes = { total: deployment.totalInstances, stable: needed };
  const pairs = reservedPairs(deployment.config, sizes);
  const leaving = Math.max(0, stable.instances.length - stable.desired);
  const room = stableBeside(pairs, candidate.instances.length) - leaving;
  if (room > stable.desired) actions.push({ type: 'scale', slot: 'stable', instances: room });
  const missing = promisedCapacity(sizes) - readyInstances(stable);
  const hasTraffic = route.weight > 0 || !route.confirmed;
  const kept = hasTraffic ? Math.min(ready, Math.max(missing, stages[0]?.candidate ?? 0)) : 0;
  if (kept < candidate.desired) actions.push({ type: 'scale', slot: 'candidate', instances: kept });
  return actions;
}

import type { Look } from './look.js';
import type { Wait } from './next-step-answer.js';
import { readyInstances } from './ready-instances.js';
import { counted } from './wording.js';

/**
 * The candidate's share on the way back: none at once, unless nobody else is ready. Only where the rollout takes stable's instances
 * away, and fewer than half of them are ready, it shrinks as they come back: a slot that breaks down under all of the traffic
 * helps nobody.
 */
export function returnWeight({ state, observed, stages, ready }: Look): number {
  const before = observed.route.weight;
  const needed = state.stableInstances ?? 0;
  if (needed === 0 || observed.stable === null || ready === 0) return 0;
  const back = readyInstances(observed.stable);
  if (back === 0) return before === 0 ? 0 : 100;
  const takesInstances = stages.some(({ stable }) => stable < needed);
  if (!takesInstances || back * 2 >= needed) return 0;
  return Math.min(before, Math.ceil(100 * (1 - back / needed)));
}

/** true, or what is waited for. */
export function hasReturned(look: Look): true | Wait {
  const { state, observed } = look;
  const needed = state.stableInstances ?? 0;
  const { weight, confirmed, promoted } = observed.route;
  if (
    needed > 0 &&
    observed.stable !== null &&
    (observed.stable.desired < needed || returnWeight(look) > 0)
  ) {
    const ready = readyInstances(observed.stable);
    return { for: 'stableInstances', text: `${ready} of ${counted(needed, 'instance')} of stable ready` };
  }
  return weight === 0 && !promoted && confirmed
    ? true
    : { for: 'gateways', text: 'not every gateway has taken the traffic back' };
}

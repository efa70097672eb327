import type { Look } from './look.js';
import type { Wait } from './next-step-answer.js';
import { readyInstances } from './ready-instances.js';
import { counted } from './wording.js';

/**
 * The candidate's share on the way back: none at once. Only where a rollout has taken stable's instances away, and fewer than half
 * of them are ready, it shrinks as they come back: a slot that breaks down under all of the traffic helps nobody.
 */
export function returnWeight({ state, observed, ready }: Look): number {
  const before = observed.route.weight;
  const needed = state.stableInstances ?? 0;
  if (needed === 0 || observed.stable === null || ready === 0) return 0;
  const back = readyInstances(observed.stable);
  if (back === 0) return before === 0 ? 0 : 100;
  return back * 2 >= needed ? 0 : Math.min(before, Math.ceil(100 * (1 - back / needed)));
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

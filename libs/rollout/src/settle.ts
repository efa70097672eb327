import type { Look } from './look.js';
import type { Action } from './next-step-answer.js';

/** What was stable stays up after a switch that is to be undone at once if need be; everything else that nobody needs ends. */
function keepsWarm({ state, deployment: { config } }: Look): boolean {
  return state.leaving === 'stable' && config.strategy === 'BlueGreen' && config.keepOldEnvironment;
}

export function hasLeft(look: Look): boolean {
  const { state, observed } = look;
  const set = state.leaving === null ? null : observed[state.leaving];
  if (set === null || set.fate === 'gone') return true;
  if (keepsWarm(look)) return set.fate === 'warm';
  return (
    set.fate === 'live' && set.desired === 0 && set.instances.length === 0 && state.leaving === 'candidate'
  );
}

export function settlingActions(look: Look): Action[] {
  const { state, observed } = look;
  if (state.leaving === null || hasLeft(look)) return [];
  if (keepsWarm(look)) return [{ type: 'keepWarm', slot: 'stable' }];
  return observed[state.leaving]?.fate === 'draining' ? [] : [{ type: 'drain', slot: state.leaving }];
}

import type { Cause } from './cause.js';
import type { Change } from './change.js';
import { endRollout } from './end-rollout.js';
import { holdRollout } from './hold-rollout.js';
import type { Look } from './look.js';
import { stageNameOf } from './stages-of.js';

/**
 * Something is wrong with the candidate. With automatic rollback traffic returns; without, what has traffic is left as it is until
 * a person decides, and what never had any has failed. Where nothing was before there is nothing to return to.
 */
export function giveUp({ deployment, state, now }: Look, cause: Cause): Change {
  const stage = stageNameOf({ ...deployment, state });
  const isFirst = state.stableInstances === 0;
  if (!isFirst && deployment.config.autoRollback)
    return endRollout(state, { trigger: 'return', stage, cause, now });
  if (isFirst || !state.hadTraffic) return endRollout(state, { trigger: 'fail', stage, cause, now });
  return holdRollout(state, { trigger: 'hold', stage, cause, now });
}

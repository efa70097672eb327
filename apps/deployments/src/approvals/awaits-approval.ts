import type { RolloutRow } from '../rollouts/rollout.store.js';

export const awaitsApproval = ({ status, state }: Pick<RolloutRow, 'status' | 'state'>): boolean =>
  status === 'Pending' && state.approval === 'awaited';

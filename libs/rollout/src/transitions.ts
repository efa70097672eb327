import type { DeploymentStatus } from './deployment-status.js';

/** What people do (the first eight), and what a rollout comes to by itself. */
export const triggers = [
  'approve',
  'reject',
  'pause',
  'resume',
  'promote',
  'abort',
  'supersede',
  'rollback',
  'start',
  'hold',
  'return',
  'fail',
  'complete',
] as const;

export type Trigger = (typeof triggers)[number];

/**
 * Every way from one status to another. A trigger that a status does not list is refused (of a person) or a defect (of the
 * engine). The one way out of an end is the rollback of what was completed.
 */
export const transitions: Readonly<
  Record<DeploymentStatus, Readonly<Partial<Record<Trigger, DeploymentStatus>>>>
> = {
  Pending: {
    approve: 'Pending',
    reject: 'Failed',
    abort: 'RolledBack',
    supersede: 'Failed',
    start: 'InProgress',
    fail: 'Failed',
  },
  InProgress: {
    pause: 'Paused',
    hold: 'Paused',
    promote: 'InProgress',
    abort: 'RolledBack',
    rollback: 'RolledBack',
    supersede: 'Failed',
    return: 'RolledBack',
    fail: 'Failed',
    complete: 'Completed',
  },
  Paused: {
    resume: 'InProgress',
    promote: 'InProgress',
    abort: 'RolledBack',
    rollback: 'RolledBack',
    supersede: 'Failed',
    return: 'RolledBack',
    fail: 'Failed',
  },
  Completed: { rollback: 'RolledBack' },
  Failed: {},
  RolledBack: {},
};

export function transition(from: DeploymentStatus, trigger: Trigger): DeploymentStatus {
  const to = transitions[from][trigger];
  if (to === undefined) throw new Error(`no way out of ${from} by ${trigger}`);
  return to;
}

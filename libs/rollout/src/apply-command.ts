import type { Cause } from './cause.js';
import { recorded, type Change } from './change.js';
import type { Command } from './command.js';
import type { Deployment } from './deployment.js';
import { isTerminal } from './deployment-status.js';
import { endRollout } from './end-rollout.js';
import { enterStage } from './enter-stage.js';
import { holdRollout } from './hold-rollout.js';
import { resumeClocks } from './resume-clocks.js';
import type { RolloutState } from './rollout-state.js';
import { stageNameOf, stagesOf } from './stages-of.js';
import { transition, transitions, type Trigger } from './transitions.js';

export type CommandAnswer =
  ({ readonly ok: true } & Change) | { readonly ok: false; readonly reason: string };

/** What a person decided, as a new state. What follows from it in the world is the next step's. */
export function applyCommand(deployment: Deployment, command: Command, now: number): CommandAnswer {
  const reason = refusal(deployment, command);
  return reason === null ? { ok: true, ...apply(deployment, command, now) } : { ok: false, reason };
}

function refusal({ state, requestedBy }: Deployment, { type, actor }: Command): string | null {
  if (transitions[state.status][type] === undefined) return refusedByStatus(state, type);
  if (type === 'approve' || type === 'reject') {
    if (state.approval !== 'awaited') return `no approval is awaited`;
    if (type === 'approve' && actor === requestedBy) return `${actor} has requested it and cannot approve it`;
  }
  if (type === 'pause' && state.step === 'promoting')
    return 'every stage is passed, and the release becomes stable';
  return null;
}

function refusedByStatus({ status, ending }: RolloutState, type: Trigger): string {
  const possible = (['approve', 'reject', 'pause', 'resume', 'promote', 'abort', 'rollback'] as const).filter(
    (trigger) => transitions[status][trigger] !== undefined,
  );
  const instead = possible.length === 0 ? '' : `; possible: ${possible.join(', ')}`;
  const because = isTerminal(status) && ending !== null ? ` (${ending.reason})` : '';
  return `${type} is not possible while the deployment is ${status}${because}${instead}`;
}

const DONE: Readonly<Record<Exclude<Command['type'], 'supersede'>, string>> = {
  approve: 'approved',
  reject: 'rejected',
  pause: 'paused',
  resume: 'resumed',
  promote: 'promoted',
  abort: 'aborted',
  rollback: 'rolled back',
};

function apply(deployment: Deployment, command: Command, now: number): Change {
  const { state } = deployment;
  const { actor } = command;
  const stage = stageNameOf(deployment);
  if (command.type === 'supersede') {
    const cause: Cause = { kind: 'superseded', by: command.by, actor };
    return endRollout(state, { trigger: 'supersede', stage, cause, now, supersededBy: command.by });
  }
  const comment = command.comment ?? null;
  const action = DONE[command.type];
  const cause: Cause = { kind: 'person', action, actor, comment };
  const text = `${action.charAt(0).toUpperCase()}${action.slice(1)} by ${actor}${comment === null ? '' : `: ${comment}`}`;
  switch (command.type) {
    case 'approve': {
      const status = transition(state.status, 'approve');
      return recorded({ ...state, status, approval: 'given' }, now, {
        event: 'Approved',
        stage,
        cause,
        text,
      });
    }
    case 'pause':
      return holdRollout(state, { trigger: 'pause', stage, cause, now });
    case 'resume':
      return recorded(resumed(state, 'resume', now), now, { event: 'Resumed', stage, cause, text });
    case 'promote': {
      const promoted = promote(deployment, command.full, cause, now);
      return recorded(promoted, now, { event: 'Promoted', stage, cause, text });
    }
    case 'reject':
    case 'abort':
      return endRollout(state, { trigger: command.type, stage, cause, now });
    case 'rollback': {
      const { rollbackDeploymentId } = command;
      return endRollout(state, { trigger: 'rollback', stage, cause, now, rollbackDeploymentId });
    }
  }
}

function resumed(state: RolloutState, trigger: 'resume' | 'promote', now: number): RolloutState {
  return { ...resumeClocks(state, now), status: transition(state.status, trigger) };
}

/** One stage, or all: they take no time any more. Only batches have to follow each other: each makes room for the next. */
function promote(deployment: Deployment, full: boolean, cause: Cause, now: number): RolloutState {
  const state = resumed(deployment.state, 'promote', now);
  if (!full) return { ...state, skips: state.skips ?? { stages: state.stage, cause } };
  const skipping: RolloutState = { ...state, skips: { stages: 'all', cause } };
  const last = stagesOf(deployment).length - 1;
  return deployment.config.strategy === 'Rolling' || state.stage >= last
    ? skipping
    : enterStage(skipping, last, now);
}

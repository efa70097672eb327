import { currentStage, isSkipped, type Look } from './look.js';

/** When the hold of the stage ends, if nothing else keeps it. */
export const holdEndsAt = (look: Look): number =>
  look.state.stepSince + (isSkipped(look.state) ? 0 : currentStage(look).holdMs);

export interface Deadline {
  readonly at: number;
  readonly limitMs: number;
}

/** By when there must be progress; null where waiting is what is meant to happen. */
export function deadlineOf(look: Look): Deadline | null {
  const { state, deployment, now } = look;
  if (state.status !== 'InProgress') return null;
  const limitMs = deployment.config.limits.progressDeadlineMs;
  switch (state.step) {
    case 'scaling': {
      const { readyWithinMs } = currentStage(look);
      return readyWithinMs === null
        ? { at: state.progressAt + limitMs, limitMs }
        : { at: state.stepSince + readyWithinMs, limitMs: readyWithinMs };
    }
    case 'observing': {
      const end = holdEndsAt(look);
      return now < end ? null : { at: end + limitMs, limitMs };
    }
    case 'testing':
    case 'routing':
    case 'promoting':
      return { at: state.progressAt + limitMs, limitMs };
    case 'waiting':
    case 'returning':
    case 'settling':
    case 'settled':
      return null;
  }
}

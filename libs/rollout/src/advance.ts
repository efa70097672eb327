import { quietly, recorded, type Change } from './change.js';
import { judgeStage } from './judge-stage.js';
import { deadlineOf, holdEndsAt } from './deadline.js';
import { endRollout } from './end-rollout.js';
import { findBreach } from './find-breach.js';
import { giveUp } from './give-up.js';
import { currentStage, isSkipped, type Look } from './look.js';
import { hasReturned } from './return-traffic.js';
import type { RolloutState, RolloutStep } from './rollout-state.js';
import { hasLeft } from './settle.js';
import { failedSmokeTest, pendingSmokeTests } from './smoke-tests.js';
import { startRollout } from './start-rollout.js';
import { forgiveCrashes, takeBaseline } from './take-baseline.js';
import { causeText } from './reason-sentence.js';
import { waitForInstances, waitForReduction, waitOf } from './wait-of.js';

/** The next thing that follows from what is observed, or null: it is as far as it can be. */
export function advance(look: Look): Change | null {
  const { state, deployment, observed } = look;
  if (state.status === 'InProgress' || state.status === 'Paused') {
    if (state.forgivenCrashes === null) return quietly(forgiveCrashes(state, observed));
    const breach = observed.route.promoted ? null : findBreach({ ...deployment, state }, observed);
    if (breach !== null) return giveUp(look, breach);
  }
  if (state.status === 'Paused') return null;
  return steps[state.step](look) ?? overdue(look);
}

function overdue(look: Look): Change | null {
  const deadline = deadlineOf(look);
  if (deadline === null || look.now < deadline.at) return null;
  return giveUp(look, {
    kind: 'deadline',
    waitedFor: waitOf(look)?.text ?? look.state.step,
    seconds: (look.now - deadline.at + deadline.limitMs) / 1_000,
    limit: deadline.limitMs / 1_000,
  });
}

const steps: Readonly<Record<RolloutStep, (look: Look) => Change | null>> = {
  waiting: startRollout,
  scaling,
  testing,
  routing,
  observing,
  promoting,
  returning,
  settling,
  settled: () => null,
};

function scaling(look: Look): Change | null {
  const { state, observed, ready, now } = look;
  const stage = currentStage(look);
  if (waitForInstances(look) === null)
    return stage.smokeTests.length > 0 && !isSkipped(state)
      ? quietly(enter(state, 'testing', now))
      : quietly(startRouting(look));
  if (ready <= state.readySeen || observed.candidate.desired < stage.candidate) return null;
  return quietly({ ...state, readySeen: ready, progressAt: now });
}

function testing(look: Look): Change | null {
  const failed = failedSmokeTest(currentStage(look), look.observed);
  if (failed !== undefined)
    return giveUp(look, { kind: 'smokeTest', endpoint: failed.endpoint, answer: failed.answer });
  return pendingSmokeTests(currentStage(look), look.observed).length > 0 && !isSkipped(look.state)
    ? null
    : quietly(startRouting(look));
}

/** Whoever gets a share of the traffic is judged from here on. */
function startRouting(look: Look): RolloutState {
  const { weight } = currentStage(look);
  const routed = {
    ...enter(look.state, 'routing', look.now),
    weight,
    hadTraffic: look.state.hadTraffic || weight > 0,
  };
  return takeBaseline(routed, look.observed);
}

function routing(look: Look): Change | null {
  const { state, observed, now } = look;
  if (state.baseline === null) return quietly(takeBaseline(state, observed));
  const { weight, name, candidate } = currentStage(look);
  if (observed.route.weight !== weight || !observed.route.confirmed) return null;
  const cause = { kind: 'instancesReady', ready: look.ready, total: candidate } as const;
  const text = `${name} has ${weight} % of the traffic: ${causeText(cause)}`;
  return recorded(enter(state, 'observing', now), now, { event: 'StageStarted', stage: name, cause, text });
}

function observing(look: Look): Change | null {
  if (look.now < holdEndsAt(look)) return null;
  return waitForInstances(look) === null && waitForReduction(look) === null ? judgeStage(look) : null;
}

function promoting({ state, observed, stages, now }: Look): Change | null {
  if (!observed.route.promoted) return null;
  const stage = stages[state.stage]?.name ?? null;
  const cause = state.passed ?? { kind: 'instancesReady', ready: stages.length, total: stages.length };
  return endRollout(state, { trigger: 'complete', stage, cause, now });
}

function returning(look: Look): Change | null {
  return hasReturned(look) === true ? quietly(enter(look.state, 'settling', look.now)) : null;
}

function settling(look: Look): Change | null {
  return hasLeft(look) ? quietly(enter(look.state, 'settled', look.now)) : null;
}

const enter = (state: RolloutState, step: RolloutStep, now: number): RolloutState => ({
  ...state,
  step,
  stepSince: now,
  progressAt: now,
});

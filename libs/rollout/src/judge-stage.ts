import type { Cause } from './cause.js';
import { recorded, type Change } from './change.js';
import { compareSlots } from './compare-slots.js';
import { enterStage } from './enter-stage.js';
import { giveUp } from './give-up.js';
import { holdRollout } from './hold-rollout.js';
import { currentStage, isSkipped, type Look } from './look.js';
import { endRollout } from './end-rollout.js';
import { errorRateOf } from './measure-metric.js';
import { causeText } from './reason-sentence.js';
import type { RolloutState } from './rollout-state.js';
import { noSamples, samplesSince, type Samples } from './samples.js';
import type { OnNoData, StrategyConfig } from './strategy-config.js';

/** The time of the stage is over, its instances are ready, and nothing was found that takes it back. */
export function judgeStage(look: Look): Change {
  const { state, deployment, now } = look;
  const stage = currentStage(look);
  if (isSkipped(state) && state.skips !== null) return goOn(look, 'StageSkipped', state.skips.cause);
  const { candidate, stable } = sinceBaseline(look);
  const { limits } = deployment.config;
  if (stage.compares) return compare(look, candidate, stable);
  if (stage.weight === 0 || stage.holdMs === 0)
    return pass(look, { kind: 'instancesReady', ready: look.ready, total: stage.candidate });
  if (candidate.requests >= limits.minSamples)
    return pass(look, errorRateOf(candidate, stable, limits, null));
  const noData: Cause = { kind: 'noData', requests: candidate.requests, minSamples: limits.minSamples };
  switch (onNoData(deployment.config)) {
    case 'pass':
      return pass(look, noData);
    case 'fail':
      return giveUp(look, noData);
    case 'hold':
      return holdRollout(state, { trigger: 'hold', stage: stage.name, cause: noData, now });
  }
}

const onNoData = (config: StrategyConfig): OnNoData =>
  config.strategy === 'Canary' ? config.onNoData : 'pass';

function compare(look: Look, candidate: Samples, stable: Samples): Change {
  const { state, deployment, now } = look;
  const { config } = deployment;
  const { name } = currentStage(look);
  if (config.strategy !== 'ABTest') throw new Error(`${config.strategy} has no test to end`);
  const { minSamples } = config.limits;
  const fewest = Math.min(candidate.requests, stable.requests);
  if (fewest < minSamples)
    return holdRollout(state, {
      trigger: 'hold',
      stage: name,
      cause: { kind: 'noData', requests: fewest, minSamples },
      now,
    });
  const comparison = compareSlots(candidate, stable, config);
  const compared = { ...look, state: { ...state, comparison } };
  const cause: Cause = { kind: 'comparison', comparison };
  return comparison.winner === 'candidate'
    ? pass(compared, cause)
    : endRollout(compared.state, { trigger: 'return', stage: name, cause, now });
}

const pass = (look: Look, cause: Cause): Change => goOn(look, 'StagePassed', cause);

function goOn(look: Look, event: 'StagePassed' | 'StageSkipped', cause: Cause): Change {
  const { name } = currentStage(look);
  const text = `${event === 'StagePassed' ? 'Passed' : 'Skipped'} ${name}: ${causeText(cause)}`;
  return recorded(next(look, cause), look.now, { event, stage: name, cause, text });
}

function next({ state, stages, now }: Look, cause: Cause): RolloutState {
  const passed = { ...state, passed: cause };
  return state.stage + 1 < stages.length
    ? enterStage(passed, state.stage + 1, now)
    : { ...passed, step: 'promoting' as const, stepSince: now, progressAt: now };
}

function sinceBaseline({ state, observed }: Look): { candidate: Samples; stable: Samples } {
  const { baseline } = state;
  if (baseline === null) return { candidate: noSamples, stable: noSamples };
  return {
    candidate: samplesSince(baseline.candidate, observed.candidate.samples),
    stable: samplesSince(baseline.stable, observed.stable?.samples ?? noSamples),
  };
}

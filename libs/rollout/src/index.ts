export { applyCommand, type CommandAnswer } from './apply-command.js';
export type { Cause, MetricCause } from './cause.js';
export type { Change } from './change.js';
export type { Command } from './command.js';
export type * from './comparison.js';
export type { ConfigProblem } from './config-reader.js';
export { defaultLimits } from './default-limits.js';
export { defaultStrategyOf, type Environment } from './default-strategy-of.js';
export {
  deploymentStatuses,
  isTerminal,
  type DeploymentStatus,
  type TerminalStatus,
} from './deployment-status.js';
export type { Deployment } from './deployment.js';
export { estimatedCompletionAt } from './estimated-completion-at.js';
export { findBreach, type Traffic } from './find-breach.js';
export type { HistoryEntry, HistoryEvent } from './history-entry.js';
export { LATENCY_BUCKETS, latencyBucketOf } from './latency-buckets.js';
export { waits, type Action, type NextStep, type Wait } from './next-step-answer.js';
export { newRollout } from './new-rollout.js';
export { nextStep } from './next-step.js';
export type * from './observed.js';
export {
  parseStrategyConfig,
  type ParseContext,
  type ParsedStrategyConfig,
} from './parse-strategy-config.js';
export { progressOf } from './progress-of.js';
export { causeText, reasonSentence, type Told } from './reason-sentence.js';
export { reservedPairs, type Pair } from './reserved-pairs.js';
export type * from './rollout-state.js';
export { noSamples, samplesSince, type LatencyHistogram, type Samples } from './samples.js';
export { safeWeight } from './safe-weight.js';
export type { Slot } from './slot.js';
export { promisedCapacity, stagePlan, type Sizes, type Stage } from './stage-plan.js';
export { stageNameOf, stagesOf } from './stages-of.js';
export * from './strategy-config.js';
export { strategyValues } from './strategy-values.js';
export { transition, transitions, triggers, type Trigger } from './transitions.js';

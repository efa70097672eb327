export type { Cause, MetricCause } from './cause.js';
export type { Command } from './command.js';
export type * from './comparison.js';
export {
  deploymentStatuses,
  isTerminal,
  type DeploymentStatus,
  type TerminalStatus,
} from './deployment-status.js';
export type { Deployment } from './deployment.js';
export { historyEvents, type HistoryEntry } from './history-entry.js';
export { LATENCY_BUCKETS, latencyBucketOf } from './latency-buckets.js';
export { waits, type Action, type NextStep, type Slot, type Wait } from './next-step-answer.js';
export type * from './observed.js';
export type * from './rollout-state.js';
export { noSamples, samplesSince, type LatencyHistogram, type Samples } from './samples.js';
export * from './strategy-config.js';
export { transitions, triggers, type Trigger } from './transitions.js';

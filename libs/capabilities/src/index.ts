export { breakingIsAllowed } from './breaking-is-allowed.js';
export type { CapabilityChange, CapabilityChangeKind } from './capability-change.js';
export { capabilityChanges } from './capability-changes.js';
export type { Capability, CapabilityMethod, CapabilityParameter } from './capability.js';

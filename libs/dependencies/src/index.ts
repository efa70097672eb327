export { matches, parseConstraint, type Constraint, type ParsedConstraint } from './constraint.js';
export { resolve } from './resolve.js';
export {
  InvalidResolveRequestError,
  ResolutionAbandonedError,
  ResolutionOutOfMemoryError,
  ResolutionTimedOutError,
} from './resolution-errors.js';
export { ResolvePool, type ResolveLimits } from './resolve-pool.js';
export type * from './resolution.js';
export type * from './resolve-request.js';

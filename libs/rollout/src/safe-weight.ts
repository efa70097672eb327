import type { Observed } from './observed.js';
import { readyInstances } from './ready-instances.js';

/**
 * The candidate's share that can be given now: nothing goes to a slot without a ready instance. What was meant to get no traffic
 * at all gets none for the other's sake either: an untested set is no better than an outage.
 */
export function safeWeight(intended: number, { candidate, stable }: Observed): number {
  if (intended === 0 || readyInstances(candidate) === 0) return 0;
  return readyInstances(stable) === 0 ? 100 : intended;
}

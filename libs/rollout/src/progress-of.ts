import type { Deployment } from './deployment.js';
import type { Observed } from './observed.js';
import { readyInstances } from './ready-instances.js';

/** The candidate's weight in percent; for Direct and Rolling the ready new instances of the total. */
export function progressOf({ config, totalInstances, state }: Deployment, observed: Observed): number {
  if (state.status === 'Completed') return 100;
  if (state.step === 'waiting') return 0;
  if (config.strategy !== 'Direct' && config.strategy !== 'Rolling') return observed.route.weight;
  return Math.min(100, Math.floor((100 * readyInstances(observed.candidate)) / totalInstances));
}

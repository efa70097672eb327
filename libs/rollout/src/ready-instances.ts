import type { ObservedSet } from './observed.js';

export const readyInstances = (set: ObservedSet | null): number =>
  set === null ? 0 : set.instances.filter(({ ready }) => ready).length;

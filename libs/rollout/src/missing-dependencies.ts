import type { Observed, ObservedDependency } from './observed.js';

/** What it waits for before it starts. */
export const missingDependencies = ({ dependencies = [] }: Observed): readonly ObservedDependency[] =>
  dependencies.filter(({ state }) => state !== 'completed');

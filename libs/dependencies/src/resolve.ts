import { describeSolution } from './describe-solution.js';
import { explainFailure } from './explain-failure.js';
import type { Resolution } from './resolution.js';
import type { ResolveRequest } from './resolve-request.js';
import { solve } from './solve.js';
import { World } from './world.js';

/**
 * One version for each id that is needed, or why there is none. Takes time exponential in the catalogue at worst: for what
 * strangers registered use `ResolvePool`.
 */
export function resolve(request: ResolveRequest): Resolution {
  const world = new World(request);
  const solved = solve(world);
  return solved.ok
    ? describeSolution(world, solved.decisions)
    : { ok: false, problems: explainFailure(world, solved.failure) };
}

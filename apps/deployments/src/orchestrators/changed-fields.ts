import { isDeepStrictEqual } from 'node:util';
import type { SetSpec } from './orchestrator.js';

type Fixed = Omit<SetSpec, 'settings' | 'desired'>;

const FIXED = [
  'tenantId',
  'environment',
  'pluginId',
  'version',
  'digest',
  'runtime',
  'resources',
  'entry',
  'permissions',
] as const satisfies readonly (keyof Fixed)[];

/** What never changes about a set and yet differs here. */
export const changedFields = (before: Fixed, after: Fixed): readonly string[] =>
  FIXED.filter((name) => !isDeepStrictEqual(before[name], after[name]));

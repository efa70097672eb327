import type { EnvironmentName } from '@switchyard/contracts';
import { conflict } from '@switchyard/errors';

/** Which is meant when none is named: the only one in which anything runs, else Production. */
export function mainEnvironment(inUse: readonly EnvironmentName[]): EnvironmentName {
  const [only] = inUse;
  if (only === undefined || inUse.includes('Production')) return 'Production';
  if (inUse.length === 1) return only;
  throw conflict(`Plugins run in ${inUse.join(', ')}: name one with ?environment=`);
}

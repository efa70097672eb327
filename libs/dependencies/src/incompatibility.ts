import type { Fact } from './fact.js';
import type { VersionSet } from './version-set.js';

export interface Term {
  /** The index of a subject. */
  readonly subject: number;
  readonly set: VersionSet;
}

/** Terms that must never all hold at once; one for each subject. Without a term it says that nothing works. */
export interface Incompatibility {
  readonly terms: readonly Term[];
  /** A fact of the request, or the two that it was derived from. */
  readonly cause: Fact | readonly [Incompatibility, Incompatibility];
}

export const isDerived = (
  cause: Incompatibility['cause'],
): cause is readonly [Incompatibility, Incompatibility] => Array.isArray(cause);

/** The rule of resolution: what follows from both, whatever becomes of `pivot`. */
export function resolvent(
  one: Incompatibility,
  other: Incompatibility,
  pivot: number,
  universe: VersionSet,
): Incompatibility {
  const terms = new Map<number, VersionSet>();
  for (const { subject, set } of [...one.terms, ...other.terms]) {
    const before = terms.get(subject);
    if (before === undefined) terms.set(subject, set);
    else terms.set(subject, subject === pivot ? before.union(set) : before.intersection(set));
  }
  const pivotSet = terms.get(pivot);
  if (pivotSet !== undefined && universe.isWithin(pivotSet)) terms.delete(pivot);
  return { terms: [...terms].map(([subject, set]) => ({ subject, set })), cause: [one, other] };
}

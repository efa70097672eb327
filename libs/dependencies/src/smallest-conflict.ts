import type { Demand } from './demand.js';

/** Where no two disagree: demands about one subject that nothing satisfies together, and from which none can be taken. */
export function smallestConflict(demands: readonly Demand[]): [Demand, ...Demand[]] | null {
  for (const subject of new Set(demands.map((demand) => demand.subject))) {
    let about = demands.filter((demand) => demand.subject === subject);
    if (!clash(about) || !atOnce(about)) continue;
    for (const demand of about) {
      const fewer = about.filter((each) => each !== demand);
      if (clash(fewer)) about = fewer;
    }
    const [first, ...rest] = about;
    if (first !== undefined) return [first, ...rest];
  }
  return null;
}

function clash(demands: readonly Demand[]): boolean {
  const [first, ...rest] = demands;
  if (first === undefined || demands.every(({ mayBeAbsent }) => mayBeAbsent)) return false;
  return rest.reduce((left, { set }) => left.intersection(set), first.set).isEmpty();
}

/** Two versions of one holder are never both there: a choice of one leaves the other untold. */
const atOnce = (demands: readonly Demand[]): boolean =>
  demands.every(({ fact: one }, at) =>
    demands
      .slice(at + 1)
      .every(
        ({ fact: other }) =>
          !('by' in one && 'by' in other) || one.by !== other.by || one.versions.meets(other.versions),
      ),
  );

import semver from 'semver';
import { Chains } from './chains.js';
import { circularProblem } from './circular-problem.js';
import { conflictingProblem } from './conflicting-problem.js';
import { demandsIn, type Demand } from './demand.js';
import { entangledProblem } from './entangled-problem.js';
import type { Fact } from './fact.js';
import type { Incompatibility } from './incompatibility.js';
import { leafFacts } from './leaf-facts.js';
import { missingProblem } from './missing-problem.js';
import type { Problem } from './resolution.js';
import { runtimeProblem } from './runtime-problem.js';
import { smallestConflict } from './smallest-conflict.js';
import type { World } from './world.js';

const MOST_PROBLEMS = 10;

/** The facts that the proof rests on, put together again to what a person would call the problems. */
export function explainFailure(world: World, failure: Incompatibility): Problem[] {
  const facts = leafFacts(failure);
  const chains = new Chains(world, facts);
  const demands = demandsIn(world, chains, facts);
  const isMissing = ({ set, mayBeAbsent }: Demand) => set.isEmpty() && !mayBeAbsent;
  const met = demands.filter((demand) => !isMissing(demand));
  const problems = [
    ...demands.filter(isMissing).map((demand) => missingProblem(world, demand)),
    ...ofKind(facts, 'runtime').map((fact) => runtimeProblem(world, chains, fact)),
    ...ofKind(facts, 'circle').map((fact) => circularProblem(world, chains, fact)),
    ...disagreeing(met).map((pair) => conflictingProblem(world, pair)),
  ];
  if (problems.length === 0) {
    const several = smallestConflict(met);
    problems.push(several === null ? entangledProblem(world, met) : conflictingProblem(world, several));
  }
  return distinct(problems).sort(byPreference).slice(0, MOST_PROBLEMS);
}

const ofKind = <K extends Fact['kind']>(facts: readonly Fact[], kind: K) =>
  facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);

/** Pairs that no version satisfies, the one that is easier to change first. */
function disagreeing(demands: readonly Demand[]): [Demand, Demand][] {
  return demands.flatMap((one, at) =>
    demands
      .slice(at + 1)
      .filter((other) => disagree(one, other))
      .map((other): [Demand, Demand] => (ease(other) < ease(one) ? [other, one] : [one, other])),
  );
}

function disagree(one: Demand, other: Demand): boolean {
  if (one.subject !== other.subject || one.set.meets(other.set)) return false;
  if (one.mayBeAbsent && other.mayBeAbsent) return false;
  // Two versions of the same holder: he has never both.
  return (
    !('by' in one.fact && 'by' in other.fact && one.fact.by === other.fact.by) ||
    one.fact.versions.meets(other.fact.versions)
  );
}

const EASE: Record<Demand['fact']['kind'], number> = {
  excludes: 0,
  needs: 1,
  admits: 2,
  root: 3,
  installed: 4,
};

const ease = ({ fact, fromInstalled }: Demand): number => EASE[fact.kind] + (fromInstalled === '' ? 0 : 10);

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}

/** What is wrong with the highest versions comes first: they are what everybody wants. */
function byPreference(one: Problem, other: Problem): number {
  for (const [at, link] of one.chain.entries()) {
    const counterpart = other.chain[at];
    if (counterpart === undefined) return 1;
    if (link.version === undefined || counterpart.version === undefined) continue;
    if (link.id === counterpart.id && link.version !== counterpart.version)
      return semver.compareBuild(counterpart.version, link.version);
  }
  return one.chain.length - other.chain.length || (one.message < other.message ? -1 : 1);
}

import semver from 'semver';
import { holder, type Demand } from './demand.js';
import type { Problem } from './resolution.js';
import type { Subject } from './subject.js';
import { chainText, existsIn } from './wording.js';
import type { World } from './world.js';

/** Nobody else is needed for the trouble: no version that may be chosen is in the range. */
export function missingProblem(world: World, demand: Demand): Problem {
  const subject = world.subjects.at(demand.subject);
  const constraint = demand.chain.at(-1)?.constraint ?? '';
  return {
    kind: 'missing',
    chain: demand.chain,
    message: `${chainText(demand.chain)}: ${whatExists(world, subject, constraint, demand)}.`,
    solution: solution(subject, constraint, demand),
  };
}

function whatExists(world: World, subject: Subject, constraint: string, { fact }: Demand): string {
  if (subject.all().length === 0) return `${subject.id} is not registered`;
  if (!fact.set.isEmpty()) return `${existsIn(subject)}, and none that may be installed is in ${constraint}`;
  const { range } = world.subjects.constraint(constraint, subject.id);
  const prerelease = subject
    .all()
    .map((version) => subject.name(version))
    .findLast((name) => semver.satisfies(name, range, { includePrerelease: true }));
  const hint =
    prerelease === undefined
      ? ''
      : ` (${prerelease} is a prerelease, which only a range that names it admits)`;
  return `${existsIn(subject)}, and none is in ${constraint}${hint}`;
}

function solution(subject: Subject, constraint: string, demand: Demand): string {
  const best = subject.preferred(subject.universe.without(subject.withdrawn));
  const register = `Register a version of ${subject.id} within ${constraint}`;
  if (best === undefined) return `${register}.`;
  const name = subject.name(best);
  return demand.fact.kind === 'root'
    ? `Ask for a version of ${subject.id} that can be installed, such as ${name}.`
    : `${register}, or widen the range for it in ${holder(demand)} so that ${name} is within.`;
}

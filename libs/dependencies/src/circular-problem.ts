import type { Chains } from './chains.js';
import type { Fact } from './fact.js';
import type { ChainLink, Problem } from './resolution.js';
import { chainText } from './wording.js';
import type { World } from './world.js';

export function circularProblem(
  world: World,
  chains: Chains,
  { circle }: Extract<Fact, { kind: 'circle' }>,
): Problem {
  const ways = circle.map(({ subject, version }) =>
    chains.to(subject, world.subjects.at(subject).universe.only(version)),
  );
  const shortest = ways.reduce((one, other) => (other.length < one.length ? other : one));
  const entry = ways.indexOf(shortest);
  const round: ChainLink[] = circle.map((_, at) => {
    const holder = circle[(entry + at) % circle.length];
    const next = circle[(entry + at + 1) % circle.length];
    if (holder === undefined || next === undefined) throw new Error('a circle has no end');
    const { id } = world.subjects.at(next.subject);
    const need = world.subjects
      .at(holder.subject)
      .candidate(holder.version)
      .dependencies.find(
        ({ dependencyId, type, required }) => dependencyId === id && type !== 'Runtime' && required,
      );
    const closes = at === circle.length - 1;
    const version = closes ? {} : { version: world.subjects.at(next.subject).name(next.version) };
    return { id, ...version, constraint: need?.versionConstraint ?? '' };
  });
  const chain = [...shortest, ...round];
  const last = chain.at(-2);
  const holder = `${last?.id ?? ''}@${last?.version ?? ''}`;
  if (circle.length === 1) {
    return {
      kind: 'circular',
      chain,
      message: `${chainText(chain)}: ${holder} depends on itself.`,
      solution: `Register a version of ${last?.id ?? ''} without a dependency on itself.`,
    };
  }
  return {
    kind: 'circular',
    chain,
    message: `${chainText(chain)} is a circle: none of them can be started before the others.`,
    solution: `Break the circle: make one of its dependencies optional or remove it, for example that of ${holder} on ${chain.at(-1)?.id ?? ''}.`,
  };
}

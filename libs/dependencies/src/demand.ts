import type { Chains } from './chains.js';
import type { Fact } from './fact.js';
import type { ChainLink } from './resolution.js';
import type { VersionSet } from './version-set.js';
import type { World } from './world.js';

/** What somebody says about the version of a subject, and how it comes that he has a say. */
export interface Demand {
  readonly fact: Extract<Fact, { kind: 'root' | 'installed' | 'needs' | 'admits' | 'excludes' }>;
  readonly subject: number;
  /** The versions that he accepts and that may be chosen. */
  readonly set: VersionSet;
  readonly mayBeAbsent: boolean;
  /** Leads to the subject. */
  readonly chain: readonly ChainLink[];
  /** Not what was asked for says so, but what is installed, or would be after its upgrade. */
  readonly fromInstalled: '' | 'installed' | 'upgraded';
}

export function demandsIn(world: World, chains: Chains, facts: readonly Fact[]): Demand[] {
  const demands: Demand[] = [];
  for (const fact of facts) {
    if (fact.kind === 'withdrawn' || fact.kind === 'runtime' || fact.kind === 'circle') continue;
    const subject = world.subjects.at(fact.subject);
    const before = 'by' in fact ? chains.to(fact.by, fact.versions) : [];
    const link: ChainLink =
      fact.kind === 'installed'
        ? { id: subject.id, version: subject.name(fact.version) }
        : { id: subject.id, constraint: fact.constraint };
    const [first] = before;
    demands.push({
      fact,
      subject: fact.subject,
      set: fact.set.without(subject.withdrawn),
      mayBeAbsent: fact.kind === 'admits' || fact.kind === 'excludes',
      chain: [...before, link],
      fromInstalled: fact.kind === 'installed' ? 'installed' : origin(world, first),
    });
  }
  return demands;
}

/** Who would have to change his mind: `payments@2.1.0`. */
export function holder({ chain }: Demand): string {
  const last = chain.at(-2);
  return last === undefined ? 'the request' : `${last.id}@${last.version ?? ''}`;
}

function origin(world: World, first: ChainLink | undefined): Demand['fromInstalled'] {
  if (first === undefined || first.constraint !== undefined) return '';
  return world.request.installed.some(({ id, version }) => id === first.id && version === first.version)
    ? 'installed'
    : 'upgraded';
}

import type { EdgeFact, Fact } from './fact.js';
import type { ChainLink } from './resolution.js';
import type { VersionSet } from './version-set.js';
import type { World } from './world.js';

interface Step {
  readonly subject: number;
  readonly version: number;
  readonly constraint?: string;
  readonly from?: Step;
}

/** Ways from what was asked for, or is installed, to any version. */
export class Chains {
  private readonly told = new Map<number, EdgeFact[]>();

  constructor(
    private readonly world: World,
    facts: readonly Fact[],
  ) {
    for (const fact of facts)
      if (fact.kind === 'needs') this.told.set(fact.by, [...(this.told.get(fact.by) ?? []), fact]);
  }

  /** The shortest; along what the proof uses, if there is such a way. */
  to(subject: number, versions: VersionSet): ChainLink[] {
    const last = this.walk(subject, versions, true) ?? this.walk(subject, versions, false);
    const links: ChainLink[] = [];
    for (let step = last; step !== null; step = step.from ?? null) {
      const { id } = this.world.subjects.at(step.subject);
      const version = this.world.subjects.at(step.subject).name(step.version);
      links.unshift({
        id,
        version,
        ...(step.constraint === undefined ? {} : { constraint: step.constraint }),
      });
    }
    return links;
  }

  private walk(subject: number, versions: VersionSet, onlyTold: boolean): Step | null {
    const seen = new Map<number, Set<number>>();
    let edge = this.starts();
    while (edge.length > 0) {
      const next: Step[] = [];
      for (const step of edge) {
        const visited = seen.get(step.subject) ?? new Set();
        if (visited.has(step.version)) continue;
        seen.set(step.subject, visited.add(step.version));
        if (step.subject === subject && versions.has(step.version)) return step;
        next.push(...this.onward(step, onlyTold));
      }
      edge = next;
    }
    return null;
  }

  private starts(): Step[] {
    const { request, subjects } = this.world;
    const roots = request.roots.flatMap(({ id, constraint }) => {
      const subject = subjects.named(id);
      const set = subject.within(subjects.constraint(constraint, id));
      return this.steps(subject.index, set, constraint);
    });
    const asked = new Set(request.roots.map(({ id }) => id));
    const installed = request.installed
      .filter(({ id }) => !asked.has(id))
      .flatMap(({ id }) => {
        const subject = subjects.named(id);
        const version = subject.installed ?? 0;
        const higher = subject.where((each) => each > version).without(subject.withdrawn);
        const upgrades = request.mayUpgradeInstalled === true ? subject.inOrderOfPreference(higher) : [];
        return [version, ...upgrades].map((each) => ({ subject: subject.index, version: each }));
      });
    return [...roots, ...installed];
  }

  private onward(step: Step, onlyTold: boolean): Step[] {
    const { subjects } = this.world;
    if (onlyTold)
      return (this.told.get(step.subject) ?? [])
        .filter(({ versions }) => versions.has(step.version))
        .flatMap(({ subject, set, constraint }) => this.steps(subject, set, constraint, step));
    return subjects
      .at(step.subject)
      .candidate(step.version)
      .dependencies.filter(({ type, required }) => type !== 'Runtime' && required)
      .flatMap(({ dependencyId, versionConstraint }) => {
        const subject = subjects.named(dependencyId);
        const set = subject.within(subjects.constraint(versionConstraint, dependencyId));
        return this.steps(subject.index, set, versionConstraint, step);
      });
  }

  private steps(index: number, set: VersionSet, constraint: string, from?: Step): Step[] {
    const subject = this.world.subjects.at(index);
    return subject
      .inOrderOfPreference(set.without(subject.withdrawn))
      .map((version) => ({ subject: index, version, constraint, ...(from === undefined ? {} : { from }) }));
  }
}

import { matches } from './constraint.js';
import type { EdgeFact, Fact } from './fact.js';
import type { Incompatibility, Term } from './incompatibility.js';
import type { ResolveRequest } from './resolve-request.js';
import type { Subject } from './subject.js';
import { Subjects } from './subjects.js';
import type { VersionSet } from './version-set.js';

interface Rule {
  readonly versions: VersionSet;
  readonly incompatibility: Incompatibility | null;
}

/** The request as incompatibilities, each made when the solver comes to the version that it is about. */
export class World {
  readonly subjects: Subjects;
  private readonly roots: ReadonlySet<string>;
  private readonly rules = new Map<number, Rule[]>();
  private readonly told = new Set<Incompatibility>();
  private readonly needs = new Map<number, Map<number, number[]>>();

  constructor(readonly request: ResolveRequest) {
    this.subjects = new Subjects(request);
    this.roots = new Set(request.roots.map(({ id }) => id));
  }

  /** What holds whatever is chosen. */
  axioms(): Incompatibility[] {
    const roots = this.request.roots.map(({ id, constraint }) => {
      const subject = this.subjects.named(id);
      const set = subject.within(this.subjects.constraint(constraint, `The constraint for ${id}`));
      const fact: Fact = { kind: 'root', subject: subject.index, constraint, set };
      return this.rule(fact, mustBeWithin(subject, set));
    });
    const stays = this.request.installed
      .filter(({ id }) => !this.roots.has(id))
      .map(({ id }) => {
        const subject = this.subjects.named(id);
        const version = subject.installed ?? 0;
        const set = subject.where((each) =>
          this.request.mayUpgradeInstalled === true ? each >= version : each === version,
        );
        const fact: Fact = { kind: 'installed', subject: subject.index, version, set };
        return this.rule(fact, mustBeWithin(subject, set));
      });
    return [...stays, ...roots].filter((each) => each !== null);
  }

  /** What holds for a subject as soon as somebody mentions it. */
  about(index: number): Incompatibility[] {
    const { withdrawn } = this.subjects.at(index);
    if (withdrawn.isEmpty()) return [];
    const terms = [{ subject: index, set: withdrawn }];
    return [{ terms, cause: { kind: 'withdrawn', subject: index, set: withdrawn } }];
  }

  /** What a version brings with it, as far as it was not told before. */
  whenChosen(index: number, version: number): Incompatibility[] {
    let rules = this.rules.get(index);
    if (rules === undefined) {
      rules = this.rulesOf(this.subjects.at(index));
      this.rules.set(index, rules);
    }
    const fresh: Incompatibility[] = [];
    for (const { versions, incompatibility } of rules) {
      if (incompatibility === null || !versions.has(version) || this.told.has(incompatibility)) continue;
      this.told.add(incompatibility);
      fresh.push(incompatibility);
    }
    return fresh;
  }

  /** The subjects that a version cannot be without. */
  needed(index: number, version: number): readonly number[] {
    let byVersion = this.needs.get(index);
    if (byVersion === undefined) {
      byVersion = new Map<number, number[]>();
      this.needs.set(index, byVersion);
    }
    let needed = byVersion.get(version);
    if (needed === undefined) {
      needed = this.subjects
        .at(index)
        .candidate(version)
        .dependencies.filter(({ type, required }) => type !== 'Runtime' && required)
        .map(({ dependencyId }) => this.subjects.named(dependencyId).index);
      byVersion.set(version, needed);
    }
    return needed;
  }

  /** Each of them needs the next, whatever the version: never all of them. */
  circle(circle: readonly { subject: number; version: number }[]): Incompatibility {
    const terms = circle.map(({ subject }, at) => {
      const next = circle[(at + 1) % circle.length]?.subject ?? subject;
      return {
        subject,
        set: this.subjects.at(subject).where((version) => this.needed(subject, version).includes(next)),
      };
    });
    return { terms, cause: { kind: 'circle', circle } };
  }

  /** What is settled already, then what is installed, so that it stays; then roots, so that they are recent. */
  precedence(index: number, left: VersionSet): number {
    const size = left.size;
    if (size === 1) return 0;
    const subject = this.subjects.at(index);
    if (this.roots.has(subject.id)) return 2;
    return subject.installed === undefined ? 1 + size : 1;
  }

  /** One rule for all versions that say the same: what is learned from one is learned for all. */
  private rulesOf(subject: Subject): Rule[] {
    const statements = new Map<string, { versions: number[]; make: (versions: VersionSet) => Rule }>();
    const say = (key: string, version: number, make: (versions: VersionSet) => Rule) => {
      const statement = statements.get(key);
      if (statement === undefined) statements.set(key, { versions: [version], make });
      else if (statement.versions.at(-1) !== version) statement.versions.push(version);
    };
    for (const version of subject.all()) {
      const { dependencies, conflicts } = subject.candidate(version);
      for (const { dependencyId: id, type, versionConstraint: text, required } of dependencies) {
        if (type === 'Runtime') {
          const key = JSON.stringify(['runtime', id, text, required]);
          say(key, version, (versions) => this.runtimeRule(subject, versions, id, text, required));
        } else {
          const kind = required ? 'needs' : 'admits';
          say(JSON.stringify([kind, id, text]), version, (versions) =>
            this.edgeRule(kind, subject, versions, id, text),
          );
        }
      }
      for (const { dependencyId: id, versionConstraint: text } of conflicts)
        if (id !== subject.id)
          say(JSON.stringify(['excludes', id, text]), version, (versions) =>
            this.edgeRule('excludes', subject, versions, id, text),
          );
    }
    return [...statements.values()].map(({ versions, make }) =>
      make(subject.where((version) => versions.includes(version))),
    );
  }

  /** A term that always holds says nothing, and one that never holds takes the whole rule away. */
  private rule(cause: Fact, ...terms: readonly Term[]): Incompatibility | null {
    if (terms.some(({ set }) => set.isEmpty())) return null;
    const telling = terms.filter(({ subject, set }) => !this.subjects.at(subject).universe.isWithin(set));
    return { terms: telling, cause };
  }

  private edgeRule(
    kind: EdgeFact['kind'],
    by: Subject,
    versions: VersionSet,
    id: string,
    text: string,
  ): Rule {
    const subject = this.subjects.named(id);
    const range = subject.within(this.subjects.constraint(text, `The constraint of ${by.id} for ${id}`));
    const set = kind === 'excludes' ? subject.where((version) => !range.has(version)) : range;
    const fact: Fact = { kind, by: by.index, versions, subject: subject.index, constraint: text, set };
    const holder = { subject: by.index, set: versions };
    // Whoever needs himself is a circle of one, which is found when he is chosen.
    if (subject === by) return { versions, incompatibility: null };
    const absent = subject.universe.only(0);
    const forbidden = subject.universe.without(kind === 'needs' ? set : set.union(absent));
    return { versions, incompatibility: this.rule(fact, holder, { subject: subject.index, set: forbidden }) };
  }

  private runtimeRule(
    by: Subject,
    versions: VersionSet,
    runtime: string,
    text: string,
    required: boolean,
  ): Rule {
    const { runtimes } = this.request;
    const constraint = this.subjects.constraint(text, `The constraint of ${by.id} for ${runtime}`);
    const offered = Object.hasOwn(runtimes, runtime) ? runtimes[runtime] : undefined;
    const fine = offered === undefined ? !required : matches(offered, constraint);
    if (fine) return { versions, incompatibility: null };
    const fact: Fact = { kind: 'runtime', by: by.index, versions, runtime, constraint: text };
    return { versions, incompatibility: this.rule(fact, { subject: by.index, set: versions }) };
  }
}

const mustBeWithin = (subject: Subject, set: VersionSet): Term => ({
  subject: subject.index,
  set: subject.universe.without(set),
});

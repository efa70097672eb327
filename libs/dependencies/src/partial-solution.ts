import type { Incompatibility, Term } from './incompatibility.js';
import type { VersionSet } from './version-set.js';

export interface Assignment {
  readonly subject: number;
  /** What this one allows. */
  readonly set: VersionSet;
  /** What this one and all before it leave. */
  readonly left: VersionSet;
  readonly level: number;
  readonly index: number;
  /** Missing for a decision. */
  readonly cause?: Incompatibility;
}

/** What was decided so far and what follows from it, in the order in which it came about. */
export class PartialSolution {
  private readonly trail: Assignment[] = [];
  private readonly bySubject: Assignment[][] = [];
  private readonly decided = new Map<number, number>();
  /** Must be there and have no version yet. */
  private readonly waiting = new Set<number>();
  private level = 0;

  constructor(private readonly universe: (subject: number) => VersionSet) {}

  left(subject: number): VersionSet {
    return this.bySubject[subject]?.at(-1)?.left ?? this.universe(subject);
  }

  decision(subject: number): number | undefined {
    return this.decided.get(subject);
  }

  get decisions(): ReadonlyMap<number, number> {
    return this.decided;
  }

  get undecided(): ReadonlySet<number> {
    return this.waiting;
  }

  decide(subject: number, version: number): void {
    this.level += 1;
    this.decided.set(subject, version);
    this.push(subject, this.universe(subject).only(version));
  }

  derive(subject: number, set: VersionSet, cause: Incompatibility): void {
    this.push(subject, set, cause);
  }

  satisfies({ subject, set }: Term): boolean {
    return this.left(subject).isWithin(set);
  }

  contradicts({ subject, set }: Term): boolean {
    return !this.left(subject).meets(set);
  }

  /** The first assignment with which the term holds. */
  satisfier({ subject, set }: Term): Assignment {
    return this.firstWithin(subject, set);
  }

  /** The first one that, taken together with `last`, makes the term hold. */
  companion(last: Assignment, { subject, set }: Term): Assignment {
    return this.firstWithin(subject, set, last.set);
  }

  backtrack(level: number): void {
    for (let last = this.trail.at(-1); last !== undefined && last.level > level; last = this.trail.at(-1)) {
      this.trail.pop();
      this.bySubject[last.subject]?.pop();
      if (last.cause === undefined) this.decided.delete(last.subject);
      this.note(last.subject);
    }
    this.level = level;
  }

  private push(subject: number, set: VersionSet, cause?: Incompatibility): void {
    const left = this.left(subject).intersection(set);
    const assignment: Assignment = {
      subject,
      set,
      left,
      level: this.level,
      index: this.trail.length,
      ...(cause === undefined ? {} : { cause }),
    };
    this.trail.push(assignment);
    (this.bySubject[subject] ??= []).push(assignment);
    this.note(subject);
  }

  private note(subject: number): void {
    if (this.decided.has(subject) || this.left(subject).has(0)) this.waiting.delete(subject);
    else this.waiting.add(subject);
  }

  private firstWithin(subject: number, set: VersionSet, together?: VersionSet): Assignment {
    for (const assignment of this.bySubject[subject] ?? []) {
      const left = together === undefined ? assignment.left : assignment.left.intersection(together);
      if (left.isWithin(set)) return assignment;
    }
    throw new Error('a term that holds has no assignment that made it hold');
  }
}

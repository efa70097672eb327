import { findCircle } from './find-circle.js';
import { resolvent, type Incompatibility, type Term } from './incompatibility.js';
import { PartialSolution } from './partial-solution.js';
import type { World } from './world.js';

export type Solved =
  | { readonly ok: true; readonly decisions: ReadonlyMap<number, number> }
  /** It has no terms, and its causes are the proof. */
  | { readonly ok: false; readonly failure: Incompatibility };

export const solve = (world: World): Solved => new Solver(world).run();

/**
 * PubGrub, after its published description (Weizenbaum, "PubGrub: Next-Generation Version Solving"). What differs: "not
 * there" is one more version, so that a term is a plain set, and a circle becomes an incompatibility when a decision
 * would close it.
 */
class Solver {
  private readonly solution: PartialSolution;
  private readonly mentioning: Incompatibility[][] = [];
  private failure: Incompatibility | undefined;

  constructor(private readonly world: World) {
    this.solution = new PartialSolution((subject) => world.subjects.at(subject).universe);
  }

  run(): Solved {
    let changed = new Set<number>();
    for (const axiom of this.world.axioms()) {
      if (axiom.terms.length === 0) return { ok: false, failure: axiom };
      this.add(axiom);
      for (const { subject } of axiom.terms) changed.add(subject);
    }
    for (;;) {
      this.propagate(changed);
      if (this.failure !== undefined) return { ok: false, failure: this.failure };
      const touched = this.decide();
      if (touched === null) return { ok: true, decisions: this.solution.decisions };
      changed = new Set([touched]);
    }
  }

  private add(incompatibility: Incompatibility): void {
    for (const { subject } of incompatibility.terms) {
      const list = this.mentioning[subject];
      if (list !== undefined) list.push(incompatibility);
      else {
        this.mentioning[subject] = [incompatibility];
        for (const fact of this.world.about(subject)) this.add(fact);
      }
    }
  }

  private propagate(changed: Set<number>): void {
    for (const subject of changed) {
      changed.delete(subject);
      const list = this.mentioning[subject] ?? [];
      // The newest first: what was learned from a conflict says most. The list may grow while it is walked.
      for (let at = list.length - 1; at >= 0; at -= 1) {
        const incompatibility = list[at];
        if (incompatibility === undefined) continue;
        const open = this.openTerm(incompatibility);
        if (open === 'none') {
          const learned = this.learn(incompatibility);
          if (learned === null) return;
          const unit = this.openTerm(learned);
          if (typeof unit === 'string') throw new Error('what was learned from a conflict leads nowhere');
          changed.clear();
          changed.add(this.derive(unit, learned));
          break;
        }
        if (open !== 'several') changed.add(this.derive(open, incompatibility));
      }
    }
  }

  /** The one term that is not known to hold: it has to fail. */
  private openTerm({ terms }: Incompatibility): Term | 'none' | 'several' {
    let open: Term | 'none' = 'none';
    for (const term of terms) {
      if (this.solution.satisfies(term)) continue;
      if (open !== 'none' || this.solution.contradicts(term)) return 'several';
      open = term;
    }
    return open;
  }

  private derive({ subject, set }: Term, cause: Incompatibility): number {
    this.solution.derive(subject, this.world.subjects.at(subject).universe.without(set), cause);
    return subject;
  }

  /** Goes back to where the conflict could have been seen coming, with an incompatibility that makes it seen. */
  private learn(conflict: Incompatibility): Incompatibility | null {
    let current = conflict;
    while (current.terms.length > 0) {
      const { last, term, level } = this.lastSatisfier(current);
      if (last.cause === undefined || level < last.level) {
        this.solution.backtrack(level);
        if (current !== conflict) this.add(current);
        return current;
      }
      const { universe } = this.world.subjects.at(term.subject);
      current = resolvent(current, last.cause, term.subject, universe);
    }
    this.failure = current;
    return null;
  }

  /** The assignment that completed it, and the level at which all else of it held already. */
  private lastSatisfier({ terms }: Incompatibility) {
    const satisfied = terms.map((term) => ({ term, last: this.solution.satisfier(term) }));
    const final = satisfied.reduce((one, other) => (other.last.index > one.last.index ? other : one));
    let level = 0;
    for (const { last } of satisfied) if (last !== final.last) level = Math.max(level, last.level);
    if (!final.last.set.isWithin(final.term.set))
      level = Math.max(level, this.solution.companion(final.last, final.term).level);
    return { ...final, level };
  }

  private decide(): number | null {
    const subject = this.nextSubject();
    if (subject === null) return null;
    const version = this.world.subjects.at(subject).preferred(this.solution.left(subject));
    if (version === undefined) throw new Error('a subject without a version was to be decided');
    const brought = this.world.whenChosen(subject, version);
    for (const incompatibility of brought) this.add(incompatibility);
    const inTheWay = brought.some(({ terms }) =>
      terms.every((term) => term.subject === subject || this.solution.satisfies(term)),
    );
    // Only a version that everything else admits: else the circle would be made of versions that do not fit anyway.
    const circle = inTheWay ? null : findCircle(this.world, this.solution.decisions, subject, version);
    if (circle !== null) this.add(this.world.circle(circle));
    else if (!inTheWay) this.solution.decide(subject, version);
    return subject;
  }

  private nextSubject(): number | null {
    let best: number | null = null;
    let least = Infinity;
    for (const subject of this.solution.undecided) {
      const precedence = this.world.precedence(subject, this.solution.left(subject));
      if (precedence < least || (precedence === least && best !== null && subject < best)) {
        best = subject;
        least = precedence;
      }
    }
    return best;
  }
}

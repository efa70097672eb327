import { parseConstraint, type Constraint } from './constraint.js';
import { InvalidResolveRequestError } from './resolution-errors.js';
import type { ResolveRequest } from './resolve-request.js';
import { Subject } from './subject.js';

/** The catalogue by index, read only as far as somebody asks for it. */
export class Subjects {
  private readonly byId = new Map<string, Subject>();
  private readonly byIndex: Subject[] = [];
  private readonly constraints = new Map<string, Constraint>();
  private readonly installed: ReadonlyMap<string, string>;

  constructor(private readonly request: ResolveRequest) {
    this.installed = new Map(request.installed.map(({ id, version }) => [id, version]));
    if (this.installed.size < request.installed.length) {
      throw new InvalidResolveRequestError('An id is installed twice');
    }
  }

  /** An id that the catalogue does not know is a subject without versions. */
  named(id: string): Subject {
    let subject = this.byId.get(id);
    if (subject === undefined) {
      const { catalogue } = this.request;
      const candidates = Object.hasOwn(catalogue, id) ? (catalogue[id] ?? []) : [];
      subject = new Subject(this.byIndex.length, id, candidates, this.installed.get(id));
      this.byId.set(id, subject);
      this.byIndex.push(subject);
    }
    return subject;
  }

  at(index: number): Subject {
    const subject = this.byIndex[index];
    if (subject === undefined) throw new Error(`there is no subject ${index}`);
    return subject;
  }

  /** `holder` is who wrote it: the message has to say where to look. */
  constraint(text: string, holder: string): Constraint {
    let constraint = this.constraints.get(text);
    if (constraint === undefined) {
      const parsed = parseConstraint(text);
      if (!parsed.ok) throw new InvalidResolveRequestError(`${holder}: ${parsed.reason}`);
      constraint = parsed.constraint;
      this.constraints.set(text, constraint);
    }
    return constraint;
  }
}

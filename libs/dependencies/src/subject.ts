import semver from 'semver';
import { matches, type Constraint } from './constraint.js';
import { InvalidResolveRequestError } from './resolution-errors.js';
import type { CandidateVersion, VersionState } from './resolve-request.js';
import { VersionSet } from './version-set.js';

interface Version {
  readonly candidate: CandidateVersion;
  readonly semver: semver.SemVer;
}

const RANK: Record<VersionState, number> = {
  Stable: 0,
  Beta: 1,
  Alpha: 2,
  Deprecated: 3,
  Archived: 4,
  Recalled: 5,
};

const isWithdrawn = (state: VersionState): boolean => state === 'Archived' || state === 'Recalled';

/** One id of the catalogue with its versions in ascending order, numbered from 1. */
export class Subject {
  /** Absent, or any version. */
  readonly universe: VersionSet;
  /** Archived or recalled, and not what is installed: never newly chosen. */
  readonly withdrawn: VersionSet;
  readonly installed: number | undefined;
  private readonly versions: readonly Version[];
  private readonly ranking: readonly number[];
  private readonly ranges = new Map<Constraint, VersionSet>();

  constructor(
    readonly index: number,
    readonly id: string,
    candidates: readonly CandidateVersion[],
    installed: string | undefined,
  ) {
    this.versions = sorted(id, withInstalled(candidates, installed));
    this.universe = VersionSet.full(this.versions.length + 1);
    const at = this.versions.findIndex(({ candidate }) => candidate.version === installed);
    this.installed = at < 0 ? undefined : at + 1;
    this.withdrawn = this.where((version) => isWithdrawn(this.state(version)) && version !== this.installed);
    this.ranking = this.all().sort((one, other) => this.rank(one) - this.rank(other) || other - one);
  }

  all(): number[] {
    return this.versions.map((_, at) => at + 1);
  }

  where(test: (version: number) => boolean): VersionSet {
    return VersionSet.of(this.versions.length + 1, this.all().filter(test));
  }

  within(constraint: Constraint): VersionSet {
    let set = this.ranges.get(constraint);
    if (set === undefined) {
      set = this.where((version) => matches(this.at(version).semver, constraint));
      this.ranges.set(constraint, set);
    }
    return set;
  }

  candidate(version: number): CandidateVersion {
    return this.at(version).candidate;
  }

  name(version: number): string {
    return this.candidate(version).version;
  }

  state(version: number): VersionState {
    return this.candidate(version).state;
  }

  /** The installed version, then the highest Stable, Beta, Alpha, Deprecated. */
  preferred(set: VersionSet): number | undefined {
    return this.ranking.find((version) => set.has(version));
  }

  inOrderOfPreference(set: VersionSet): number[] {
    return this.ranking.filter((version) => set.has(version));
  }

  private at(version: number): Version {
    const found = this.versions[version - 1];
    if (found === undefined) throw new Error(`${this.id} has no version number ${version}`);
    return found;
  }

  private rank(version: number): number {
    return version === this.installed ? -1 : RANK[this.state(version)];
  }
}

/** What runs may have left the catalogue since; of its dependencies nothing is known then. */
function withInstalled(
  candidates: readonly CandidateVersion[],
  installed: string | undefined,
): readonly CandidateVersion[] {
  if (installed === undefined || candidates.some(({ version }) => version === installed)) return candidates;
  return [...candidates, { version: installed, state: 'Archived', dependencies: [], conflicts: [] }];
}

function sorted(id: string, candidates: readonly CandidateVersion[]): Version[] {
  const seen = new Set<string>();
  return candidates
    .map((candidate) => {
      const parsed = semver.parse(candidate.version);
      if (parsed === null) {
        throw new InvalidResolveRequestError(`${id} has the version "${candidate.version}", which is none`);
      }
      if (seen.has(candidate.version)) {
        throw new InvalidResolveRequestError(`${id} has the version ${candidate.version} twice`);
      }
      seen.add(candidate.version);
      return { candidate, semver: parsed };
    })
    .sort((one, other) => semver.compareBuild(one.semver, other.semver));
}

export type DependencyType = 'Plugin' | 'Library' | 'Runtime';

export interface Dependency {
  readonly dependencyId: string;
  readonly type: DependencyType;
  readonly versionConstraint: string;
  /** An optional one constrains what is there anyway and never brings anything in. */
  readonly required: boolean;
}

/** What must not be installed beside the version that says so. */
export interface Conflict {
  readonly dependencyId: string;
  readonly versionConstraint: string;
}

export type VersionState = 'Alpha' | 'Beta' | 'Stable' | 'Deprecated' | 'Archived' | 'Recalled';

export interface CandidateVersion {
  readonly version: string;
  readonly state: VersionState;
  readonly dependencies: readonly Dependency[];
  readonly conflicts: readonly Conflict[];
}

export interface InstalledVersion {
  readonly id: string;
  readonly version: string;
}

export interface Root {
  readonly id: string;
  readonly constraint: string;
}

export type Catalogue = Readonly<Record<string, readonly CandidateVersion[]>>;

export interface ResolveRequest {
  /** What is asked for. A root that is installed may move either way: asking for it is the permission. */
  readonly roots: readonly Root[];
  /** Everything that can be reached from the roots and from what is installed. */
  readonly catalogue: Catalogue;
  /** What the tenant runs in that environment. Their dependencies and conflicts keep holding. */
  readonly installed: readonly InstalledVersion[];
  /** What the platform offers, by id: `{ NodeJs: '20.20.2', nexus_version: '1.0.0' }`. */
  readonly runtimes: Readonly<Record<string, string>>;
  /** Lets what is installed move up where that is needed; without it only roots change their version. */
  readonly mayUpgradeInstalled?: boolean;
}

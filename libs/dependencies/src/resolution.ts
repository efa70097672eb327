import type { VersionState } from './resolve-request.js';

export interface ResolvedVersion {
  readonly id: string;
  readonly version: string;
  readonly type: 'Plugin' | 'Library';
  readonly state: VersionState;
  /** Who cannot be without it. */
  readonly requiredBy: readonly string[];
  readonly alreadyInstalled: boolean;
  /** The installed version that makes room for this one. */
  readonly replaces?: string;
}

export interface ResolvedEdge {
  readonly from: string;
  readonly to: string;
  readonly constraint: string;
  readonly required: boolean;
}

export interface OptionalLeftOut {
  readonly id: string;
  readonly constraint: string;
  readonly wantedBy: string;
}

export interface ResolutionWarning {
  readonly id: string;
  readonly version: string;
  readonly state: 'Deprecated' | 'Archived' | 'Recalled';
  readonly message: string;
}

export interface ChainLink {
  readonly id: string;
  readonly version?: string;
  readonly constraint?: string;
}

export type ProblemKind = 'missing' | 'conflicting' | 'circular' | 'runtime';

export interface Problem {
  readonly kind: ProblemKind;
  /** From what was asked for, or is installed, to the trouble. */
  readonly chain: readonly ChainLink[];
  readonly message: string;
  /** One sentence: what would solve it. */
  readonly solution: string;
}

export interface Resolved {
  readonly ok: true;
  /** Dependencies first. */
  readonly order: readonly ResolvedVersion[];
  readonly edges: readonly ResolvedEdge[];
  readonly optionalLeftOut: readonly OptionalLeftOut[];
  readonly warnings: readonly ResolutionWarning[];
}

export interface Unresolvable {
  readonly ok: false;
  readonly problems: readonly Problem[];
}

export type Resolution = Resolved | Unresolvable;

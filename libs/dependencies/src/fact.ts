import type { VersionSet } from './version-set.js';

/** What the request itself says, in the words that an explanation needs. Numbers are indexes of subjects and versions. */
export type Fact =
  | { readonly kind: 'root'; readonly subject: number; readonly constraint: string; readonly set: VersionSet }
  | {
      readonly kind: 'installed';
      readonly subject: number;
      readonly version: number;
      readonly set: VersionSet;
    }
  | { readonly kind: 'withdrawn'; readonly subject: number; readonly set: VersionSet }
  | EdgeFact
  | {
      readonly kind: 'runtime';
      readonly by: number;
      readonly versions: VersionSet;
      readonly runtime: string;
      readonly constraint: string;
    }
  | {
      readonly kind: 'circle';
      readonly circle: readonly { readonly subject: number; readonly version: number }[];
    };

/** `versions` of `by` allow `subject` only within `set`; only what is needed may not be absent. */
export interface EdgeFact {
  readonly kind: 'needs' | 'admits' | 'excludes';
  readonly by: number;
  readonly versions: VersionSet;
  readonly subject: number;
  readonly constraint: string;
  readonly set: VersionSet;
}

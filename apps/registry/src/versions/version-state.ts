import type { VersionState } from '@switchyard/contracts';

export const versionSteps = [
  'promote-to-beta',
  'promote-to-stable',
  'deprecate',
  'archive',
  'recall',
] as const;
export type VersionStep = (typeof versionSteps)[number];

/** Which step leads where; a step that is not listed is refused. Nothing leads out of Archived but a recall, and nothing out of Recalled. */
export const versionStateTable: Readonly<Record<VersionState, Partial<Record<VersionStep, VersionState>>>> = {
  Alpha: {
    'promote-to-beta': 'Beta',
    'promote-to-stable': 'Stable',
    deprecate: 'Deprecated',
    archive: 'Archived',
    recall: 'Recalled',
  },
  Beta: {
    'promote-to-beta': 'Beta',
    'promote-to-stable': 'Stable',
    deprecate: 'Deprecated',
    archive: 'Archived',
    recall: 'Recalled',
  },
  Stable: {
    'promote-to-stable': 'Stable',
    deprecate: 'Deprecated',
    archive: 'Archived',
    recall: 'Recalled',
  },
  // A step to where it is already changes nothing: a pipeline may repeat it.
  Deprecated: { deprecate: 'Deprecated', archive: 'Archived', recall: 'Recalled' },
  Archived: { archive: 'Archived', recall: 'Recalled' },
  Recalled: { recall: 'Recalled' },
};

export const stateAfter = (state: VersionState, step: VersionStep): VersionState | undefined =>
  versionStateTable[state][step];

/** What "promote" means without a target. */
export const nextPromotion = (state: VersionState): VersionStep =>
  state === 'Alpha' ? 'promote-to-beta' : 'promote-to-stable';

/** Whether somebody may still deploy it anew. */
export const isOffered = (state: VersionState): boolean => state !== 'Archived' && state !== 'Recalled';

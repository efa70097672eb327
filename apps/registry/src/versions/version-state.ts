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

/** What has been done then, in an answer and in the audit log. */
export const doneBy: Readonly<Record<VersionStep, { words: string; action: string }>> = {
  'promote-to-beta': { words: 'promoted to Beta', action: 'version.promoted' },
  'promote-to-stable': { words: 'promoted to Stable', action: 'version.promoted' },
  deprecate: { words: 'deprecated', action: 'version.deprecated' },
  archive: { words: 'archived', action: 'version.archived' },
  recall: { words: 'recalled', action: 'version.recalled' },
};

/** Why a step is refused, and what is possible instead. */
export function whyNot(state: VersionState, step: VersionStep): string {
  const possible = versionSteps.filter((other) => ![undefined, state].includes(stateAfter(state, other)));
  const instead = possible.map((other) => doneBy[other].words).join(' or ');
  return `it cannot be ${doneBy[step].words}${instead === '' ? ' or anything else any more' : `, but ${instead}`}`;
}

/** What "promote" means without a target. */
export const nextPromotion = (state: VersionState): VersionStep =>
  state === 'Alpha' ? 'promote-to-beta' : 'promote-to-stable';

/** Whether somebody may still deploy it anew. */
export const isOffered = (state: VersionState): boolean => state !== 'Archived' && state !== 'Recalled';

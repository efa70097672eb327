import type { PluginStatus } from '@switchyard/contracts';

export const pluginSteps = ['pass-checks', 'approve', 'deploy', 'deprecate', 'archive', 'reinstate'] as const;
export type PluginStep = (typeof pluginSteps)[number];

/** `before`: what it was before it was deprecated or archived. */
type Next = PluginStatus | 'before';

/** Which step leads where; a step that is not listed is refused. */
export const pluginStatusTable: Readonly<Record<PluginStatus, Partial<Record<PluginStep, Next>>>> = {
  Registered: { 'pass-checks': 'Validated', archive: 'Archived' },
  Validated: { 'pass-checks': 'Validated', approve: 'Approved', archive: 'Archived' },
  // A step to where it is already changes nothing: a pipeline may repeat it.
  Approved: {
    'pass-checks': 'Approved',
    approve: 'Approved',
    deploy: 'Active',
    deprecate: 'Deprecated',
    archive: 'Archived',
  },
  Active: {
    'pass-checks': 'Active',
    approve: 'Active',
    deploy: 'Active',
    deprecate: 'Deprecated',
    archive: 'Archived',
  },
  Deprecated: {
    'pass-checks': 'Deprecated',
    deploy: 'Deprecated',
    deprecate: 'Deprecated',
    archive: 'Archived',
    reinstate: 'before',
  },
  // What runs of it goes on running and may still tell of itself.
  Archived: { 'pass-checks': 'Archived', deploy: 'Archived', archive: 'Archived', reinstate: 'before' },
};

export interface PluginStanding {
  status: PluginStatus;
  /** Only while it is deprecated or archived. */
  statusBefore: PluginStatus | null;
}

/** Where the step leads, or undefined when it is not possible. */
export function afterStep(now: PluginStanding, step: PluginStep): PluginStanding | undefined {
  const next = pluginStatusTable[now.status][step];
  if (next === undefined) return undefined;
  if (next === 'before') return { status: now.statusBefore ?? 'Registered', statusBefore: null };
  if (next === now.status) return now;
  // Deprecated, then archived, then reinstated: as it was before both.
  const isAside = next === 'Deprecated' || next === 'Archived';
  return { status: next, statusBefore: isAside ? (now.statusBefore ?? now.status) : null };
}

/** Steps that people take, and what has been done then. */
export const peopleSteps = {
  approve: 'approved',
  deprecate: 'deprecated',
  archive: 'archived',
  reinstate: 'reinstated',
} as const satisfies Partial<Record<PluginStep, string>>;
export type PeopleStep = keyof typeof peopleSteps;

/** What somebody can do about it now, for whoever asked for something else. */
export const possibleSteps = (status: PluginStatus): PeopleStep[] =>
  (Object.keys(peopleSteps) as PeopleStep[]).filter((step) => {
    const next = pluginStatusTable[status][step];
    return next !== undefined && next !== status;
  });

export const isDeployable = (status: PluginStatus): boolean =>
  status === 'Approved' || status === 'Active' || status === 'Deprecated';

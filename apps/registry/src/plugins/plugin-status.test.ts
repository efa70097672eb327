import { pluginStatuses, type PluginStatus } from '@switchyard/contracts';
import { afterStep, isDeployable, pluginSteps, possibleSteps, type PluginStep } from './plugin-status.js';

/** Written out whole: a step that is missing here is refused. */
const allowed: [PluginStatus, PluginStep, PluginStatus][] = [
  ['Registered', 'pass-checks', 'Validated'],
  ['Registered', 'archive', 'Archived'],
  ['Validated', 'pass-checks', 'Validated'],
  ['Validated', 'approve', 'Approved'],
  ['Validated', 'archive', 'Archived'],
  ['Approved', 'pass-checks', 'Approved'],
  ['Approved', 'approve', 'Approved'],
  ['Approved', 'deploy', 'Active'],
  ['Approved', 'deprecate', 'Deprecated'],
  ['Approved', 'archive', 'Archived'],
  ['Active', 'pass-checks', 'Active'],
  ['Active', 'approve', 'Active'],
  ['Active', 'deploy', 'Active'],
  ['Active', 'deprecate', 'Deprecated'],
  ['Active', 'archive', 'Archived'],
  ['Deprecated', 'pass-checks', 'Deprecated'],
  ['Deprecated', 'deploy', 'Deprecated'],
  ['Deprecated', 'deprecate', 'Deprecated'],
  ['Deprecated', 'archive', 'Archived'],
  ['Deprecated', 'reinstate', 'Active'],
  ['Archived', 'pass-checks', 'Archived'],
  ['Archived', 'deploy', 'Archived'],
  ['Archived', 'archive', 'Archived'],
  ['Archived', 'reinstate', 'Active'],
];

const aside = (status: PluginStatus) => status === 'Deprecated' || status === 'Archived';

describe("a plugin's status", () => {
  const cases = pluginStatuses.flatMap((status) => pluginSteps.map((step) => [status, step] as const));

  it.each(cases)('%s, then %s', (status, step) => {
    const before = { status, statusBefore: aside(status) ? ('Active' as const) : null };
    const expected = allowed.find(([from, by]) => from === status && by === step)?.[2];
    expect(afterStep(before, step)?.status).toBe(expected);
  });

  it.each<[PluginStatus, string[]]>([
    ['Registered', ['archive']],
    ['Validated', ['approve', 'archive']],
    ['Approved', ['deprecate', 'archive']],
    ['Active', ['deprecate', 'archive']],
    ['Deprecated', ['archive', 'reinstate']],
    ['Archived', ['reinstate']],
  ])('%s can be taken on by people: %j', (status, steps) => {
    expect(possibleSteps(status)).toEqual(steps);
  });

  it('is what it was before, after whatever was taken back', () => {
    for (const status of ['Approved', 'Active'] as const) {
      const start = { status, statusBefore: null };
      const deprecated = afterStep(start, 'deprecate');
      expect(deprecated && afterStep(deprecated, 'reinstate')).toEqual(start);
      const archived = deprecated && afterStep(deprecated, 'archive');
      expect(archived && afterStep(archived, 'reinstate')).toEqual(start);
    }
  });

  it('does not become approved by being archived and reinstated', () => {
    const archived = afterStep({ status: 'Registered', statusBefore: null }, 'archive');
    expect(archived && afterStep(archived, 'reinstate')).toEqual({
      status: 'Registered',
      statusBefore: null,
    });
  });

  it('says what may be deployed', () => {
    expect(pluginStatuses.filter(isDeployable)).toEqual(['Approved', 'Active', 'Deprecated']);
  });
});

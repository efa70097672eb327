import { versionStates, type VersionState } from '@switchyard/contracts';
import { latestVersion, versionBefore } from './latest-version.js';
import {
  isOffered,
  nextPromotion,
  stateAfter,
  versionSteps,
  whyNot,
  type VersionStep,
} from './version-state.js';

const allowed: [VersionState, VersionStep, VersionState][] = [
  ['Alpha', 'promote-to-beta', 'Beta'],
  ['Alpha', 'promote-to-stable', 'Stable'],
  ['Beta', 'promote-to-beta', 'Beta'],
  ['Beta', 'promote-to-stable', 'Stable'],
  ['Stable', 'promote-to-stable', 'Stable'],
  ['Deprecated', 'deprecate', 'Deprecated'],
  ['Archived', 'archive', 'Archived'],
  ['Recalled', 'recall', 'Recalled'],
  ...(['Alpha', 'Beta', 'Stable'] as const).map(
    (s) => [s, 'deprecate', 'Deprecated'] as [VersionState, VersionStep, VersionState],
  ),
  ...(['Alpha', 'Beta', 'Stable', 'Deprecated'] as const).map(
    (s) => [s, 'archive', 'Archived'] as [VersionState, VersionStep, VersionState],
  ),
  ...(['Alpha', 'Beta', 'Stable', 'Deprecated', 'Archived'] as const).map(
    (s) => [s, 'recall', 'Recalled'] as [VersionState, VersionStep, VersionState],
  ),
];

describe("a version's state", () => {
  it.each(versionStates.flatMap((state) => versionSteps.map((step) => [state, step] as const)))(
    '%s, then %s',
    (state, step) => {
      expect(stateAfter(state, step)).toBe(allowed.find(([from, by]) => from === state && by === step)?.[2]);
    },
  );

  it('is promoted one step at a time unless told otherwise', () => {
    expect([nextPromotion('Alpha'), nextPromotion('Beta')]).toEqual(['promote-to-beta', 'promote-to-stable']);
  });

  it.each<[VersionState, VersionStep, string]>([
    ['Stable', 'promote-to-beta', 'it cannot be promoted to Beta, but deprecated or archived or recalled'],
    ['Archived', 'promote-to-stable', 'it cannot be promoted to Stable, but recalled'],
    ['Recalled', 'archive', 'it cannot be archived or anything else any more'],
  ])('%s: why not %s', (state, step, text) => {
    expect(whyNot(state, step)).toBe(text);
  });

  it('is offered until it is archived or recalled', () => {
    expect(versionStates.filter(isOffered)).toEqual(['Alpha', 'Beta', 'Stable', 'Deprecated']);
  });
});

const known = (...versions: string[]) =>
  versions.map((text) => {
    const [semantic_version = '', state = 'Stable', bytes = 'there'] = text.split(' ');
    const binary_url = bytes === 'waits' ? null : 'https://example.com';
    return { semantic_version, state: state as VersionState, artifact: null, binary_url };
  });

describe('the latest version', () => {
  it.each([
    ['the highest Stable, as numbers count', known('9.0.0', '10.0.0', '2.0.0'), '10.0.0'],
    ['a Stable before a higher Beta', known('1.0.0', '2.0.0 Beta'), '1.0.0'],
    [
      'the highest of what is offered when nothing is Stable',
      known('1.0.0 Alpha', '1.1.0 Deprecated', '2.0.0 Recalled'),
      '1.1.0',
    ],
    ['no Stable that waits for its bytes', known('1.0.0 Beta', '2.0.0 Stable waits'), '1.0.0'],
    ['one that waits when all do', known('1.0.0 Stable waits', '2.0.0 Beta waits'), '1.0.0'],
    ['a prerelease below its release', known('2.0.0-rc.1', '2.0.0'), '2.0.0'],
    ['something when nothing is offered any more', known('1.0.0 Archived', '1.1.0 Recalled'), '1.1.0'],
    ['none of none', [], undefined],
  ])('is %s', (_what, versions, expected) => {
    expect(latestVersion(versions)).toBe(expected);
  });

  it('before a version is the next below it, whatever its state', () => {
    const versions = known('1.0.0', '1.2.0 Recalled', '2.0.0', '3.0.0');
    expect(versionBefore(versions, '2.0.0')?.semantic_version).toBe('1.2.0');
    expect(versionBefore(versions, '1.0.0')).toBeUndefined();
  });
});

import { InvalidResolveRequestError } from './resolution-errors.js';
import type { Problem } from './resolution.js';
import { resolve } from './resolve.js';
import type { CandidateVersion, ResolveRequest, VersionState } from './resolve-request.js';

interface Written {
  needs?: Record<string, string>;
  optional?: Record<string, string>;
  runtimes?: Record<string, string>;
  conflicts?: Record<string, string>;
  state?: VersionState;
  type?: 'Plugin' | 'Library';
}

/** `{ shop: { '1.0.0': { needs: { core: '^1' } } } }` */
function catalogue(plugins: Record<string, Record<string, Written>>): Record<string, CandidateVersion[]> {
  const dependencies = (
    entries: Record<string, string> = {},
    type: 'Plugin' | 'Library' | 'Runtime',
    required: boolean,
  ) =>
    Object.entries(entries).map(([dependencyId, versionConstraint]) => ({
      dependencyId,
      type,
      versionConstraint,
      required,
    }));
  return Object.fromEntries(
    Object.entries(plugins).map(([id, versions]) => [
      id,
      Object.entries(versions).map(([version, written]) => ({
        version,
        state: written.state ?? 'Stable',
        dependencies: [
          ...dependencies(written.needs, written.type ?? 'Plugin', true),
          ...dependencies(written.optional, written.type ?? 'Plugin', false),
          ...dependencies(written.runtimes, 'Runtime', true),
        ],
        conflicts: Object.entries(written.conflicts ?? {}).map(([dependencyId, versionConstraint]) => ({
          dependencyId,
          versionConstraint,
        })),
      })),
    ]),
  );
}
const roots = (...texts: string[]) =>
  texts.map((text) => ({ id: text.split(' ')[0]!, constraint: text.slice(text.indexOf(' ') + 1) }));
const installed = (...texts: string[]) =>
  texts.map((text) => ({ id: text.split('@')[0]!, version: text.split('@')[1]! }));
const request = (rest: Partial<ResolveRequest>): ResolveRequest => ({
  roots: roots('shop *'),
  catalogue: {},
  installed: [],
  runtimes: { NodeJs: '20.20.2' },
  ...rest,
});
const chosen = (rest: Partial<ResolveRequest>): string[] => {
  const resolution = resolve(request(rest));
  return resolution.ok
    ? resolution.order.map(({ id, version }) => `${id}@${version}`)
    : resolution.problems.map(({ message }) => message);
};
const core = { '1.0.0': {}, '1.5.0': {}, '2.0.0': {} };

describe('what is chosen', () => {
  it.each<[string, Partial<ResolveRequest>, string[]]>([
    [
      'dependencies come first, the highest that fit',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { payments: '>=1' } } },
          payments: { '1.0.0': {}, '1.1.0': { needs: { core: '>=1.0.0,<2.0.0' } } },
          core,
        }),
      },
      ['core@1.5.0', 'payments@1.1.0', 'shop@1.0.0'],
    ],
    [
      'a lower version where the highest one leads nowhere',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { a: '*', core: '^1' } } },
          a: { '1.0.0': { needs: { core: '^1' } }, '2.0.0': { needs: { core: '^2' } } },
          core,
        }),
      },
      ['core@1.5.0', 'a@1.0.0', 'shop@1.0.0'],
    ],
    [
      'Stable before Beta, Alpha and Deprecated, whatever the number',
      {
        catalogue: catalogue({
          shop: {
            '1.0.0': {},
            '2.0.0': { state: 'Beta' },
            '3.0.0': { state: 'Alpha' },
            '4.0.0': { state: 'Deprecated' },
          },
        }),
      },
      ['shop@1.0.0'],
    ],
    [
      'Deprecated rather than Archived or Recalled',
      {
        catalogue: catalogue({
          shop: {
            '1.0.0': { state: 'Deprecated' },
            '2.0.0': { state: 'Archived' },
            '3.0.0': { state: 'Recalled' },
          },
        }),
      },
      ['shop@1.0.0'],
    ],
    [
      'a prerelease only for who names it',
      { roots: roots('shop >=1.0.0-0'), catalogue: catalogue({ shop: { '1.0.0-rc.1': {} } }) },
      ['shop@1.0.0-rc.1'],
    ],
    [
      'the installed version, although it is archived and not the highest',
      {
        installed: installed('core@1.0.0'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '*' } } },
          core: { '1.0.0': { state: 'Archived' }, '2.0.0': {} },
        }),
      },
      ['core@1.0.0', 'shop@1.0.0'],
    ],
    [
      'an installed version that has left the catalogue',
      {
        installed: installed('core@0.1.0'),
        catalogue: catalogue({ shop: { '1.0.0': { needs: { core: '*' } } } }),
      },
      ['core@0.1.0', 'shop@1.0.0'],
    ],
    [
      'what is asked for moves up or down, although it is installed',
      { roots: roots('core 1.0.0'), installed: installed('core@1.5.0'), catalogue: catalogue({ core }) },
      ['core@1.0.0'],
    ],
    [
      'what is installed moves up only when that is allowed and needed',
      {
        mayUpgradeInstalled: true,
        installed: installed('core@1.0.0', 'other@1.0.0'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '>1.0.0' } } },
          core,
          other: { '1.0.0': {}, '2.0.0': {} },
        }),
      },
      ['core@2.0.0', 'other@1.0.0', 'shop@1.0.0'],
    ],
    [
      'an optional dependency constrains what is there',
      {
        roots: roots('shop *', 'core *'),
        catalogue: catalogue({ shop: { '1.0.0': { optional: { core: '<1.5' } } }, core }),
      },
      ['core@1.0.0', 'shop@1.0.0'],
    ],
    [
      'an optional dependency brings nothing in',
      { catalogue: catalogue({ shop: { '1.0.0': { optional: { core: '*', unknown: '^9' } } }, core }) },
      ['shop@1.0.0'],
    ],
    [
      'a conflict excludes',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { a: '*', core: '*' } } },
          a: { '1.0.0': { conflicts: { core: '>=1.5' } } },
          core,
        }),
      },
      ['a@1.0.0', 'core@1.0.0', 'shop@1.0.0'],
    ],
    [
      'the way around a circle',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { a: '*' } } },
          a: { '1.0.0': {}, '2.0.0': { needs: { b: '*' } } },
          b: { '1.0.0': { needs: { a: '*' } } },
        }),
      },
      ['a@1.0.0', 'shop@1.0.0'],
    ],
    [
      'a version that the platform can run',
      { catalogue: catalogue({ shop: { '1.0.0': {}, '2.0.0': { runtimes: { NodeJs: '>=22' } } } }) },
      ['shop@1.0.0'],
    ],
    [
      'optional dependencies may form a circle, required ones still come first',
      {
        roots: roots('a *', 'b *', 'c *'),
        catalogue: catalogue({
          a: { '1.0.0': { optional: { b: '*' } } },
          b: { '1.0.0': { optional: { a: '*' }, needs: { c: '*' } } },
          c: { '1.0.0': {} },
        }),
      },
      ['c@1.0.0', 'a@1.0.0', 'b@1.0.0'],
    ],
    [
      'ids that objects have by nature are plugins like others',
      {
        roots: roots('constructor *'),
        catalogue: catalogue({
          constructor: { '1.0.0': { optional: { ['__proto__']: '*', toString: '*' } } },
        }),
      },
      ['constructor@1.0.0'],
    ],
  ])('%s', (_sentence, rest, expected) => {
    expect(chosen(rest)).toEqual(expected);
  });

  it('is told with who needs it, what it replaces, what was left out and what to be warned of', () => {
    const resolution = resolve(
      request({
        roots: roots('shop 2.0.0'),
        installed: installed('shop@1.0.0', 'old@1.0.0'),
        catalogue: catalogue({
          shop: {
            '1.0.0': {},
            '2.0.0': { type: 'Library', needs: { core: '^1' }, optional: { cache: '^3', old: '*' } },
          },
          core: { '1.0.0': { state: 'Deprecated' } },
          old: { '1.0.0': { state: 'Recalled' } },
        }),
      }),
    );
    expect(resolution).toEqual({
      ok: true,
      order: [
        {
          id: 'core',
          version: '1.0.0',
          type: 'Library',
          state: 'Deprecated',
          requiredBy: ['shop'],
          alreadyInstalled: false,
        },
        {
          id: 'old',
          version: '1.0.0',
          type: 'Library',
          state: 'Recalled',
          requiredBy: [],
          alreadyInstalled: true,
        },
        {
          id: 'shop',
          version: '2.0.0',
          type: 'Plugin',
          state: 'Stable',
          requiredBy: [],
          alreadyInstalled: false,
          replaces: '1.0.0',
        },
      ],
      edges: [
        { from: 'shop', to: 'core', constraint: '^1', required: true },
        { from: 'shop', to: 'old', constraint: '*', required: false },
      ],
      optionalLeftOut: [{ id: 'cache', constraint: '^3', wantedBy: 'shop' }],
      warnings: [
        {
          id: 'core',
          version: '1.0.0',
          state: 'Deprecated',
          message: 'core@1.0.0 is deprecated, and nothing better fits.',
        },
        {
          id: 'old',
          version: '1.0.0',
          state: 'Recalled',
          message: 'old@1.0.0 is installed and recalled: it could not be installed again.',
        },
      ],
    });
  });

  it.each([
    [{ roots: roots('shop newest') }, /^The constraint for shop: "newest" is no version range/],
    [{ catalogue: catalogue({ shop: { one: {} } }) }, 'shop has the version "one", which is none'],
    [
      { catalogue: catalogue({ shop: { '1.0.0': { needs: { core: 'x y' } } } }) },
      /^The constraint of shop for core: "x y" is no version range/,
    ],
    [{ installed: installed('a@1.0.0', 'a@2.0.0') }, 'An id is installed twice'],
  ])('refuses what registration should have refused: %j', (rest, message) => {
    const action = () => resolve(request(rest));
    expect(action).toThrow(InvalidResolveRequestError);
    expect(action).toThrow(message);
  });
});

describe('why nothing can be chosen', () => {
  it.each<[string, Partial<ResolveRequest>, Pick<Problem, 'kind' | 'message' | 'solution'>[]]>([
    [
      'a dependency of a dependency is not registered',
      {
        roots: roots('shop 1.0.0'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { payments: '>=2' } } },
          payments: { '2.0.0': { needs: { 'core-payments': '>=1.0.0,<2.0.0' } } },
        }),
      },
      [
        {
          kind: 'missing',
          message:
            'shop@1.0.0 -> payments >=2 -> core-payments >=1.0.0,<2.0.0: core-payments is not registered.',
          solution: 'Register a version of core-payments within >=1.0.0,<2.0.0.',
        },
      ],
    ],
    [
      'no version is in range',
      { catalogue: catalogue({ shop: { '1.0.0': { needs: { core: '^3' } } }, core }) },
      [
        {
          kind: 'missing',
          message: 'shop@1.0.0 -> core ^3: core exists in 1.0.0, 1.5.0 and 2.0.0, and none is in ^3.',
          solution:
            'Register a version of core within ^3, or widen the range for it in shop@1.0.0 so that 2.0.0 is within.',
        },
      ],
    ],
    [
      'the only version in range is archived',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '^1' } } },
          core: { '1.0.0': { state: 'Archived' }, '2.0.0': {} },
        }),
      },
      [
        {
          kind: 'missing',
          message:
            'shop@1.0.0 -> core ^1: core exists in 1.0.0 (Archived) and 2.0.0, and none that may be installed is in ^1.',
          solution:
            'Register a version of core within ^1, or widen the range for it in shop@1.0.0 so that 2.0.0 is within.',
        },
      ],
    ],
    [
      'the only version in range is a prerelease',
      {
        catalogue: catalogue({ shop: { '1.0.0': { needs: { core: '>=1' } } }, core: { '2.0.0-beta.1': {} } }),
      },
      [
        {
          kind: 'missing',
          message:
            'shop@1.0.0 -> core >=1: core exists in 2.0.0-beta.1, and none is in >=1 (2.0.0-beta.1 is a prerelease, which only a range that names it admits).',
          solution:
            'Register a version of core within >=1, or widen the range for it in shop@1.0.0 so that 2.0.0-beta.1 is within.',
        },
      ],
    ],
    [
      'many versions exist',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '^9' } } },
          core: Object.fromEntries(Array.from({ length: 20 }, (_, minor) => [`1.${minor}.0`, {}])),
        }),
      },
      [
        {
          kind: 'missing',
          message:
            'shop@1.0.0 -> core ^9: core exists in 15 older ones, 1.15.0, 1.16.0, 1.17.0, 1.18.0 and 1.19.0, and none is in ^9.',
          solution:
            'Register a version of core within ^9, or widen the range for it in shop@1.0.0 so that 1.19.0 is within.',
        },
      ],
    ],
    [
      'what is asked for is not registered',
      { roots: roots('shp ^1') },
      [
        {
          kind: 'missing',
          message: 'shp ^1: shp is not registered.',
          solution: 'Register a version of shp within ^1.',
        },
      ],
    ],
    [
      'what is asked for has no such version',
      { roots: roots('core 9.0.0'), catalogue: catalogue({ core }) },
      [
        {
          kind: 'missing',
          message: 'core 9.0.0: core exists in 1.0.0, 1.5.0 and 2.0.0, and none is in 9.0.0.',
          solution: 'Ask for a version of core that can be installed, such as 2.0.0.',
        },
      ],
    ],
    [
      'two want different versions of a third',
      {
        roots: roots('shop *', 'billing *'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '^2' } } },
          billing: { '1.0.0': { needs: { core: '^1' } } },
          core,
        }),
      },
      [
        {
          kind: 'conflicting',
          message:
            'billing@1.0.0 -> core ^1, but shop@1.0.0 -> core ^2: core exists in 1.0.0, 1.5.0 and 2.0.0, and none satisfies both.',
          solution: 'Widen the range for core in shop@1.0.0 or billing@1.0.0.',
        },
      ],
    ],
    [
      'three want versions that no two exclude',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { a: '*', b: '*', c: '*' } } },
          a: { '1.0.0': { needs: { core: '<2' } } },
          b: { '1.0.0': { needs: { core: '1.0.0 || 2.0.0' } } },
          c: { '1.0.0': { needs: { core: '>=1.5' } } },
          core,
        }),
      },
      [
        {
          kind: 'conflicting',
          message:
            'shop@1.0.0 -> c * -> core >=1.5, shop@1.0.0 -> b * -> core 1.0.0 || 2.0.0 and shop@1.0.0 -> a * -> core <2: core exists in 1.0.0, 1.5.0 and 2.0.0, and none satisfies all of them.',
          solution: 'Widen the range for core in b@1.0.0, a@1.0.0 or c@1.0.0.',
        },
      ],
    ],
    [
      'what is asked for and a dependency differ',
      {
        roots: roots('shop *', 'core ^1'),
        catalogue: catalogue({ shop: { '1.0.0': { needs: { core: '^2' } } }, core }),
      },
      [
        {
          kind: 'conflicting',
          message:
            'shop@1.0.0 -> core ^2, but core ^1 is asked for: core exists in 1.0.0, 1.5.0 and 2.0.0, and none satisfies both.',
          solution: 'Ask for another version of core or widen the range for core in shop@1.0.0.',
        },
      ],
    ],
    [
      'what is installed is too old',
      {
        installed: installed('core@1.0.0'),
        catalogue: catalogue({ shop: { '1.0.0': { needs: { core: '^2' } } }, core }),
      },
      [
        {
          kind: 'conflicting',
          message: 'shop@1.0.0 -> core ^2, but core 1.0.0 is installed.',
          solution: 'Upgrade core from 1.0.0 to 2.0.0 or widen the range for core in shop@1.0.0.',
        },
      ],
    ],
    [
      'what is installed is too new and never goes down',
      {
        mayUpgradeInstalled: true,
        installed: installed('core@2.0.0'),
        catalogue: catalogue({ shop: { '1.0.0': { needs: { core: '^1' } } }, core }),
      },
      [
        {
          kind: 'conflicting',
          message: 'shop@1.0.0 -> core ^1, but core 2.0.0 is installed.',
          solution: 'Downgrade core from 2.0.0 to 1.5.0 or widen the range for core in shop@1.0.0.',
        },
      ],
    ],
    [
      'an installed plugin holds a dependency back',
      {
        mayUpgradeInstalled: true,
        installed: installed('billing@1.0.0', 'core@1.0.0'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '^2' } } },
          billing: { '1.0.0': { needs: { core: '^1' } } },
          core,
        }),
      },
      [
        {
          kind: 'conflicting',
          message:
            'shop@1.0.0 -> core ^2, but billing@1.0.0 (installed) -> core ^1: core exists in 1.0.0, 1.5.0 and 2.0.0, and none satisfies both.',
          solution: 'Upgrade or uninstall billing or widen the range for core in shop@1.0.0.',
        },
      ],
    ],
    [
      'an optional dependency is installed in another version',
      {
        installed: installed('core@2.0.0'),
        catalogue: catalogue({ shop: { '1.0.0': { optional: { core: '<2' } } }, core }),
      },
      [
        {
          kind: 'conflicting',
          message: 'shop@1.0.0 -> core <2 (optional), but core 2.0.0 is installed.',
          solution: 'Downgrade core from 2.0.0 to 1.5.0 or widen the range for core in shop@1.0.0.',
        },
      ],
    ],
    [
      'a dependency conflicts with what is installed',
      {
        installed: installed('old@1.0.0'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { payments: '*' } } },
          payments: { '1.0.0': { conflicts: { old: '<2' } } },
          old: { '1.0.0': {} },
        }),
      },
      [
        {
          kind: 'conflicting',
          message:
            'payments@1.0.0 (shop@1.0.0 -> payments *) must not be installed beside old <2, but old 1.0.0 is installed.',
          solution: 'Uninstall old or leave out payments@1.0.0.',
        },
      ],
    ],
    [
      'what is installed conflicts with a dependency',
      {
        installed: installed('old@1.0.0'),
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '*' } } },
          old: { '1.0.0': { conflicts: { core: '*' } } },
          core,
        }),
      },
      [
        {
          kind: 'conflicting',
          message: 'shop@1.0.0 -> core *, but old@1.0.0 (installed) must not be installed beside core *.',
          solution: 'Upgrade or uninstall old or leave out shop@1.0.0.',
        },
      ],
    ],
    [
      'two that are asked for conflict',
      {
        roots: roots('shop *', 'core *'),
        catalogue: catalogue({ shop: { '1.0.0': { conflicts: { core: '*' } } }, core }),
      },
      [
        {
          kind: 'conflicting',
          message: 'shop@1.0.0 must not be installed beside core *, but core * is asked for.',
          solution: 'Leave out core or leave out shop@1.0.0.',
        },
      ],
    ],
    [
      'the dependencies form a circle',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { a: '^1' } } },
          a: { '1.0.0': { needs: { b: '*' } } },
          b: { '1.0.0': { needs: { a: '>=1' } } },
        }),
      },
      [
        {
          kind: 'circular',
          message:
            'shop@1.0.0 -> a ^1 -> b * -> a >=1 is a circle: none of them can be started before the others.',
          solution:
            'Break the circle: make one of its dependencies optional or remove it, for example that of b@1.0.0 on a.',
        },
      ],
    ],
    [
      'it needs itself',
      { catalogue: catalogue({ shop: { '1.0.0': { needs: { shop: '^1' } } } }) },
      [
        {
          kind: 'circular',
          message: 'shop@1.0.0 -> shop ^1: shop@1.0.0 depends on itself.',
          solution: 'Register a version of shop without a dependency on itself.',
        },
      ],
    ],
    [
      'the platform offers an older runtime',
      { catalogue: catalogue({ shop: { '1.0.0': { runtimes: { NodeJs: '>=22' } } } }) },
      [
        {
          kind: 'runtime',
          message: 'shop@1.0.0 -> NodeJs >=22: the platform offers NodeJs 20.20.2.',
          solution:
            'Offer NodeJs >=22 on the platform, or register a version of shop that runs on NodeJs 20.20.2.',
        },
      ],
    ],
    [
      'the platform does not offer the runtime',
      {
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { core: '*' } } },
          core: { '1.0.0': { runtimes: { DotNet8: '>=8' } } },
        }),
      },
      [
        {
          kind: 'runtime',
          message: 'shop@1.0.0 -> core * -> DotNet8 >=8: the platform offers no DotNet8.',
          solution:
            'Offer DotNet8 >=8 on the platform, or register a version of core that does without DotNet8.',
        },
      ],
    ],
    [
      'each version fails for a reason of its own',
      {
        catalogue: catalogue({
          shop: {
            '1.0.0': { needs: { gone: '^2' } },
            '2.0.0': { needs: { core: '^3' } },
            '3.0.0': { runtimes: { NodeJs: '>=30' } },
          },
          core,
        }),
      },
      [
        {
          kind: 'runtime',
          message: 'shop@3.0.0 -> NodeJs >=30: the platform offers NodeJs 20.20.2.',
          solution:
            'Offer NodeJs >=30 on the platform, or register a version of shop that runs on NodeJs 20.20.2.',
        },
        {
          kind: 'missing',
          message: 'shop@2.0.0 -> core ^3: core exists in 1.0.0, 1.5.0 and 2.0.0, and none is in ^3.',
          solution:
            'Register a version of core within ^3, or widen the range for it in shop@2.0.0 so that 2.0.0 is within.',
        },
        {
          kind: 'missing',
          message: 'shop@1.0.0 -> gone ^2: gone is not registered.',
          solution: 'Register a version of gone within ^2.',
        },
      ],
    ],
    [
      'nothing disagrees in pairs, and yet nothing fits',
      {
        roots: roots('a *', 'b *', 'c *'),
        catalogue: catalogue({
          a: {
            '1.0.0': { conflicts: { b: '1.0.0', c: '1.0.0' } },
            '2.0.0': { conflicts: { b: '2.0.0', c: '2.0.0' } },
          },
          b: { '1.0.0': { conflicts: { c: '1.0.0' } }, '2.0.0': { conflicts: { c: '2.0.0' } } },
          c: { '1.0.0': {}, '2.0.0': {} },
        }),
      },
      [
        {
          kind: 'conflicting',
          message:
            'No choice of versions satisfies all of these: a * is asked for, b * is asked for, c * is asked for, a@2.0.0 must not be installed beside c 2.0.0, a@2.0.0 must not be installed beside b 2.0.0, b@1.0.0 must not be installed beside c 1.0.0, a@1.0.0 must not be installed beside b 1.0.0, b@2.0.0 must not be installed beside c 2.0.0 and a@1.0.0 must not be installed beside c 1.0.0.',
          solution: 'Widen a range or lift a conflict in a@2.0.0, b@1.0.0, a@1.0.0 or b@2.0.0.',
        },
      ],
    ],
  ])('%s', (_sentence, rest, problems) => {
    const resolution = resolve(request(rest));
    expect(resolution.ok ? [] : resolution.problems.map(({ chain: _chain, ...problem }) => problem)).toEqual(
      problems,
    );
  });

  it('leads from what was asked for to the trouble', () => {
    const resolution = resolve(
      request({
        catalogue: catalogue({
          shop: { '1.0.0': { needs: { payments: '>=2' } } },
          payments: { '2.0.0': { needs: { core: '^3' } }, '2.1.0': { needs: { core: '^3' } } },
          core,
        }),
      }),
    );
    expect(resolution.ok ? [] : resolution.problems.map(({ chain }) => chain)).toEqual([
      [
        { id: 'shop', version: '1.0.0', constraint: '*' },
        { id: 'payments', version: '2.1.0', constraint: '>=2' },
        { id: 'core', constraint: '^3' },
      ],
    ]);
  });
});

import fc from 'fast-check';
import { parseConstraint, matches } from './constraint.js';
import type { ChainLink } from './resolution.js';
import { resolve } from './resolve.js';
import type {
  Catalogue,
  CandidateVersion,
  Dependency,
  ResolveRequest,
  VersionState,
} from './resolve-request.js';

const ids = ['a', 'b', 'c', 'd', 'e'];
const versions = ['1.0.0', '1.1.0', '2.0.0', '2.0.0-rc.1'];
const constraints = [
  '*',
  '*',
  '>=1.0.0',
  '^1.0.0',
  '^1.0.0',
  '>=1.1.0',
  '<2.0.0',
  '2.0.0',
  '>=1.0.0,<1.1.0',
  '>=2.0.0-rc.0',
  '^9',
  '1.0.0 || 2',
];
const states: VersionState[] = [
  'Stable',
  'Stable',
  'Stable',
  'Beta',
  'Alpha',
  'Deprecated',
  'Archived',
  'Recalled',
];

const id = fc.constantFrom(...ids);
const constraint = fc.constantFrom(...constraints);
const edge = fc.record({
  dependencyId: fc.oneof({ weight: 40, arbitrary: id }, { weight: 1, arbitrary: fc.constant('unknown') }),
  type: fc.constantFrom('Plugin' as const, 'Library' as const),
  versionConstraint: constraint,
  required: fc.oneof(
    { weight: 3, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
});
const runtime = fc.record({
  dependencyId: fc.constantFrom('NodeJs', 'DotNet8'),
  type: fc.constant('Runtime' as const),
  versionConstraint: constraint,
  required: fc.boolean(),
});
const candidate = (version: string): fc.Arbitrary<CandidateVersion> =>
  fc.record({
    version: fc.constant(version),
    state: fc.constantFrom(...states),
    dependencies: fc
      .tuple(fc.array(edge, { maxLength: 2 }), fc.array(runtime, { maxLength: 1, size: 'max' }), fc.nat(11))
      .map(([edges, runtimes, dice]): Dependency[] => (dice === 0 ? [...edges, ...runtimes] : edges)),
    conflicts: fc
      .tuple(fc.record({ dependencyId: id, versionConstraint: constraint }), fc.nat(5))
      .map(([conflict, dice]) => (dice === 0 ? [conflict] : [])),
  });
const catalogue: fc.Arbitrary<Catalogue> = fc
  .tuple(
    ...ids.map(() =>
      fc
        .subarray(versions, { minLength: 1, maxLength: 3 })
        .chain((chosen) => fc.tuple(...chosen.map(candidate))),
    ),
  )
  .map((lists) => Object.fromEntries(lists.map((list, at) => [ids[at]!, list])));

const requests: fc.Arbitrary<ResolveRequest> = catalogue.chain((all) =>
  fc.record({
    roots: fc.uniqueArray(fc.record({ id, constraint }), {
      minLength: 1,
      maxLength: 2,
      selector: (root) => root.id,
    }),
    catalogue: fc.constant(all),
    installed: fc
      .subarray(ids, { maxLength: 2 })
      .chain((some) =>
        fc.tuple(
          ...some.map((each) => fc.constantFrom(...all[each]!.map(({ version }) => ({ id: each, version })))),
        ),
      ),
    runtimes: fc.constantFrom<Record<string, string>>(
      {},
      { NodeJs: '1.0.0' },
      { NodeJs: '2.0.0', DotNet8: '1.1.0' },
    ),
    mayUpgradeInstalled: fc.boolean(),
  }),
);

type World = ReadonlyMap<string, string>;

const asked = new Map<string, boolean>();
const within = (version: string, text: string): boolean => {
  const question = `${version} ${text}`;
  let answer = asked.get(question);
  if (answer === undefined) {
    const parsed = parseConstraint(text);
    asked.set(question, (answer = parsed.ok && matches(version, parsed.constraint)));
  }
  return answer;
};

/** The rules, as plainly as they can be said: what is wrong with this choice of versions. */
function* faults(request: ResolveRequest, world: World): Generator<string> {
  const isRoot = (each: string) => request.roots.some((root) => root.id === each);
  const requires = new Map<string, string[]>();
  for (const { id: root, constraint: text } of request.roots)
    if (!world.has(root) || !within(world.get(root)!, text)) yield `root ${root}`;
  for (const { id: each, version } of request.installed) {
    const now = world.get(each);
    if (now === undefined) yield `${each} is gone`;
    else if (
      !isRoot(each) &&
      now !== version &&
      !(request.mayUpgradeInstalled && order(now) > order(version))
    )
      yield `${each} moved`;
  }
  for (const [each, version] of world) {
    const chosen = request.catalogue[each]?.find((one) => one.version === version);
    if (chosen === undefined) {
      yield `${each}@${version} does not exist`;
      continue;
    }
    const installed = request.installed.some((one) => one.id === each && one.version === version);
    if (!installed && (chosen.state === 'Archived' || chosen.state === 'Recalled'))
      yield `${each} is withdrawn`;
    for (const { dependencyId: to, type, versionConstraint: text, required } of chosen.dependencies) {
      const offered = type === 'Runtime' ? request.runtimes[to] : world.get(to);
      if (to === each && !required) continue;
      if (offered === undefined ? required : !within(offered, text)) yield `${each} -> ${to} ${text}`;
      if (type !== 'Runtime' && required) requires.set(each, [...(requires.get(each) ?? []), to]);
    }
    for (const { dependencyId: to, versionConstraint: text } of chosen.conflicts)
      if (to !== each && world.has(to) && within(world.get(to)!, text)) yield `${each} x ${to}`;
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (requires.get(from) ?? []).some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
    );
  for (const each of world.keys()) if (reaches(each, each)) yield `${each} is in a circle`;
  const wanted = [...request.roots, ...request.installed].map((one) => one.id);
  for (const each of world.keys())
    if (!wanted.includes(each) && !wanted.some((one) => reaches(one, each)))
      yield `${each} has no business here`;
}

const order = (version: string): number => ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0'].indexOf(version);

function* everyWorld(all: Catalogue, from = 0): Generator<Map<string, string>> {
  const each = ids[from];
  if (each === undefined) return yield new Map();
  for (const rest of everyWorld(all, from + 1)) {
    yield rest;
    for (const { version } of all[each]!) yield new Map([[each, version], ...rest]);
  }
}

const solvable = (request: ResolveRequest): boolean => {
  for (const world of everyWorld(request.catalogue))
    if (faults(request, world).next().done === true) return true;
  return false;
};

/** From a root or from what is installed, along what the catalogue says. */
function isPath(request: ResolveRequest, chain: readonly ChainLink[]): boolean {
  const [first, ...rest] = chain;
  if (first === undefined) return false;
  const starts =
    first.constraint === undefined
      ? request.installed.some(
          ({ id: each, version }) =>
            each === first.id &&
            (version === first.version ||
              (request.mayUpgradeInstalled === true && order(first.version!) > order(version))),
        )
      : request.roots.some((root) => root.id === first.id && root.constraint === first.constraint);
  return (
    starts &&
    chain.every(
      ({ version, constraint: text }) => version === undefined || text === undefined || within(version, text),
    ) &&
    rest.every((link, at) => {
      const before = chain[at]!;
      const holder = request.catalogue[before.id]?.find(({ version }) => version === before.version);
      return [...(holder?.dependencies ?? []), ...(holder?.conflicts ?? [])].some(
        (edge) => edge.dependencyId === link.id && edge.versionConstraint === link.constraint,
      );
    })
  );
}

describe('resolve, against trying every combination of versions', () => {
  it('finds a solution exactly when there is one, and every solution keeps every rule', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const resolution = resolve(request);
        if (resolution.ok) {
          const world = new Map(resolution.order.map((one) => [one.id, one.version]));
          expect([...faults(request, world)]).toEqual([]);
        } else expect(solvable(request)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('puts dependencies first and tells each edge of the solution', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const resolution = resolve(request);
        fc.pre(resolution.ok);
        const place = new Map(resolution.order.map(({ id: each }, at) => [each, at]));
        for (const { from, to, required } of resolution.edges)
          if (required) expect(place.get(to)).toBeLessThan(place.get(from)!);
        for (const { id: each, requiredBy } of resolution.order) {
          const dependents = resolution.edges.filter(({ to, required }) => to === each && required);
          expect(requiredBy).toEqual([...new Set(dependents.map(({ from }) => from))]);
        }
      }),
    );
  });

  it('explains every failure by ways that the request really has', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const resolution = resolve(request);
        fc.pre(!resolution.ok);
        expect(resolution.problems).not.toEqual([]);
        for (const { chain, message, solution } of resolution.problems) {
          expect({ chain, isPath: isPath(request, chain) }).toEqual({ chain, isPath: true });
          expect(`${message} ${solution}`).not.toMatch(/undefined|@ | {2}/);
          expect(solution).toMatch(/^[A-Z].*[^.]\.$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('answers the same whatever the order in which the catalogue was read', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const reversed = Object.entries(request.catalogue)
          .reverse()
          .map(([each, list]) => [each, [...list].reverse()] as const);
        expect(resolve({ ...request, catalogue: Object.fromEntries(reversed) })).toEqual(resolve(request));
      }),
    );
  });

  it('moves nothing that is installed without need', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const stays = request.installed.filter(
          ({ id: each }) => !request.roots.some((root) => root.id === each),
        );
        const resolution = resolve(request);
        fc.pre(resolution.ok && stays.length > 0 && solvable({ ...request, mayUpgradeInstalled: false }));
        const moved = resolution.order.filter(
          ({ id: each, replaces }) => replaces !== undefined && stays.some((one) => one.id === each),
        );
        expect(moved).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

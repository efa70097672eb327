import fc from 'fast-check';
import { parseConstraint, matches } from './constraint.js';
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

export const requests: fc.Arbitrary<ResolveRequest> = catalogue.chain((all) =>
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
function faults(request: ResolveRequest, world: World): string[] {
  const found: string[] = [];
  const isRoot = (each: string) => request.roots.some((root) => root.id === each);
  const requires = new Map<string, string[]>();
  for (const { id: root, constraint: text } of request.roots)
    if (!world.has(root) || !within(world.get(root)!, text)) found.push(`root ${root}`);
  for (const { id: each, version } of request.installed) {
    const now = world.get(each);
    if (now === undefined) found.push(`${each} is gone`);
    else if (
      !isRoot(each) &&
      now !== version &&
      !(request.mayUpgradeInstalled && order(now) > order(version))
    )
      found.push(`${each} moved`);
  }
  for (const [each, version] of world) {
    const chosen = request.catalogue[each]?.find((one) => one.version === version);
    if (chosen === undefined) {
      found.push(`${each}@${version} does not exist`);
      continue;
    }
    const installed = request.installed.some((one) => one.id === each && one.version === version);
    if (!installed && (chosen.state === 'Archived' || chosen.state === 'Recalled'))
      found.push(`${each} is withdrawn`);
    for (const { dependencyId: to, type, versionConstraint: text, required } of chosen.dependencies) {
      const offered = type === 'Runtime' ? request.runtimes[to] : world.get(to);
      if (to === each && !required) continue;
      if (offered === undefined ? required : !within(offered, text)) found.push(`${each} -> ${to} ${text}`);
      if (type !== 'Runtime' && required) requires.set(each, [...(requires.get(each) ?? []), to]);
    }
    for (const { dependencyId: to, versionConstraint: text } of chosen.conflicts)
      if (to !== each && world.has(to) && within(world.get(to)!, text)) found.push(`${each} x ${to}`);
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (requires.get(from) ?? []).some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
    );
  for (const each of world.keys()) if (reaches(each, each)) found.push(`${each} is in a circle`);
  const wanted = [...request.roots, ...request.installed].map((one) => one.id);
  for (const each of world.keys())
    if (!wanted.includes(each) && !wanted.some((one) => reaches(one, each)))
      found.push(`${each} has no business here`);
  return found;
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
  for (const world of everyWorld(request.catalogue)) if (faults(request, world).length === 0) return true;
  return false;
};

describe('resolve, against trying every combination of versions', () => {
  let counts = { solved: 0, refused: 0 };
  it('finds a solution exactly when there is one, and every solution keeps every rule', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const resolution = resolve(request);
        if (resolution.ok) {
          counts.solved += 1;
          expect(faults(request, new Map(resolution.order.map((one) => [one.id, one.version])))).toEqual([]);
        } else {
          counts.refused += 1;
          expect(solvable(request)).toBe(false);
        }
      }),
      { numRuns: 3000 },
    );
    console.log(counts);
  });
});

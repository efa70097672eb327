// What resolving costs: many roots in a large catalogue, beside what cannot be saved (reading the catalogue) and what no
// solver can be faster than (a greedy walk that takes the best version of everything and believes in it).
import { matches, parseConstraint, resolve, ResolvePool } from '@switchyard/dependencies';

const plugins = 2_000;
const versionsEach = 20;
const rootCount = 200;
const limits = { timeMs: 30_000, maxOldSpaceMb: 512 };

/** The same catalogue in each run. */
function randomness(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const idOf = (index) => `plugin-${index}`;
const versionOf = (number) => `${1 + Math.floor(number / 7)}.${number % 7}.0`;

/**
 * Layers, as real plugins have: a few libraries that everybody needs, and each plugin upon some that are below it. Later
 * versions want later versions; the highest ones are sometimes wrong, so that a walk without a way back fails.
 */
function catalogueOf(pick) {
  const catalogue = {};
  for (let index = 0; index < plugins; index += 1) {
    const below = Math.floor(index * 0.8);
    const targets = new Set();
    for (let n = pick(5); n > 0 && below > 0; n -= 1)
      targets.add(pick(3) === 0 ? pick(Math.min(below, 30)) : pick(below));
    catalogue[idOf(index)] = Array.from({ length: versionsEach }, (_, number) => ({
      version: versionOf(number),
      state: pick(20) === 0 ? 'Deprecated' : number > 17 ? 'Beta' : 'Stable',
      dependencies: [
        ...[...targets].map((target) => {
          const least = Math.max(0, number - 6 - pick(6));
          const major = Math.floor(least / 7) + 1;
          const dice = pick(10);
          return {
            dependencyId: idOf(target),
            type: target < 30 ? 'Library' : 'Plugin',
            versionConstraint:
              dice === 0
                ? `>=${versionOf(least)},<${major + 1}.0.0`
                : dice < 3
                  ? `^${versionOf(least)}`
                  : `>=${versionOf(least)}`,
            required: pick(8) > 0,
          };
        }),
        {
          dependencyId: 'NodeJs',
          type: 'Runtime',
          versionConstraint: pick(60) === 0 ? '>=22' : '>=18',
          required: true,
        },
      ],
      conflicts:
        pick(40) === 0
          ? [{ dependencyId: idOf(pick(plugins)), versionConstraint: `<${versionOf(pick(10))}` }]
          : [],
    }));
  }
  return catalogue;
}

/** Takes the highest version of everything at once; true when that happens to fit. */
function greedy(catalogue, root, ranges) {
  const chosen = new Map();
  const waiting = [root];
  let fits = true;
  while (waiting.length > 0) {
    const id = waiting.pop();
    if (chosen.has(id)) continue;
    const best = catalogue[id].at(-1);
    chosen.set(id, best.version);
    for (const { dependencyId, type, required } of best.dependencies)
      if (type !== 'Runtime' && required) waiting.push(dependencyId);
  }
  for (const [id, version] of chosen)
    for (const { dependencyId, versionConstraint } of catalogue[id].find((one) => one.version === version)
      .dependencies)
      if (chosen.has(dependencyId) && !matches(chosen.get(dependencyId), ranges(versionConstraint)))
        fits = false;
  return fits;
}

function rangeCache() {
  const known = new Map();
  return (text) => {
    if (!known.has(text)) known.set(text, parseConstraint(text).constraint);
    return known.get(text);
  };
}

const quantile = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

async function timesOf(count, action) {
  const times = [];
  const before = process.cpuUsage();
  for (let n = 0; n < count; n += 1) {
    const start = performance.now();
    await action(n);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  return { p50: quantile(times, 0.5), max: Math.max(...times), cpu: (user + system) / 1_000 / count };
}

const rowsOf = (name, { p50, max, cpu }) => [
  { name: `dependencies: ${name}, p50`, value: p50, unit: 'ms' },
  { name: `dependencies: ${name}, max`, value: max, unit: 'ms' },
  { name: `dependencies: ${name}, CPU`, value: cpu, unit: 'ms each' },
];

export async function run() {
  const pick = randomness(20_260_101);
  const catalogue = catalogueOf(pick);
  const text = JSON.stringify(catalogue);
  // The upper half stands upon the rest: the roots with the largest closures.
  const roots = Array.from({ length: rootCount }, () => idOf(plugins / 2 + pick(plugins / 2)));
  const installed = Array.from({ length: 10 }, (_, n) => ({ id: idOf(n), version: versionOf(16) }));
  const request = (ids) => ({
    roots: ids.map((id) => ({ id, constraint: '*' })),
    catalogue,
    installed: [],
    runtimes: { NodeJs: '20.20.2' },
  });

  const parsing = await timesOf(5, () => JSON.parse(text));
  const ranges = rangeCache();
  let lucky = 0;
  const walking = await timesOf(rootCount, (n) => {
    if (greedy(catalogue, roots[n], ranges)) lucky += 1;
  });
  let solved = 0;
  let nodes = 0;
  const resolving = await timesOf(rootCount, (n) => {
    const resolution = resolve(request([roots[n]]));
    if (!resolution.ok) return;
    solved += 1;
    nodes = Math.max(nodes, resolution.order.length);
  });
  const beside = await timesOf(rootCount, (n) =>
    resolve({ ...request([roots[n]]), installed, mayUpgradeInstalled: true }),
  );
  let together = 0;
  const many = await timesOf(20, (n) => {
    const resolution = resolve(request(roots.slice(n * 10, n * 10 + 10)));
    together = Math.max(together, resolution.ok ? resolution.order.length : 0);
  });
  let all = 0;
  const everything = await timesOf(5, () => {
    const resolution = resolve(request(roots));
    all = resolution.ok ? resolution.order.length : 0;
  });
  const pool = new ResolvePool();
  await pool.resolveInWorker(request([roots[0]]), limits);
  const inWorker = await timesOf(10, (n) => pool.resolveInWorker(request([roots[n]]), limits));
  await pool.close();

  return [
    { name: 'dependencies: catalogue as JSON', value: text.length / 2 ** 20, unit: 'MB' },
    ...rowsOf('floor, parse it', parsing),
    ...rowsOf('floor, greedy walk', walking),
    { name: 'dependencies: floor, greedy walk, fits', value: lucky, unit: `of ${rootCount} roots` },
    ...rowsOf('resolve one root', resolving),
    { name: 'dependencies: resolve one root, solved', value: solved, unit: `of ${rootCount} roots` },
    { name: 'dependencies: resolve one root, largest', value: nodes, unit: 'versions chosen' },
    ...rowsOf('resolve beside 10 installed', beside),
    ...rowsOf('resolve ten roots', many),
    { name: 'dependencies: resolve ten roots, largest', value: together, unit: 'versions chosen' },
    ...rowsOf(`resolve all ${rootCount} roots`, everything),
    { name: `dependencies: resolve all ${rootCount} roots`, value: all, unit: 'versions chosen' },
    ...rowsOf('in a worker, whole catalogue sent', inWorker),
  ];
}

import { orderDependenciesFirst } from './order-dependencies-first.js';
import type {
  OptionalLeftOut,
  ResolutionWarning,
  Resolved,
  ResolvedEdge,
  ResolvedVersion,
} from './resolution.js';
import type { Dependency, VersionState } from './resolve-request.js';
import type { World } from './world.js';

interface Chosen {
  readonly id: string;
  readonly version: string;
  readonly state: VersionState;
  readonly dependencies: readonly Dependency[];
  readonly installed: string | undefined;
}

export function describeSolution(world: World, decisions: ReadonlyMap<number, number>): Resolved {
  const chosen = new Map<string, Chosen>();
  for (const [index, version] of decisions) {
    const subject = world.subjects.at(index);
    const installed = subject.installed === undefined ? undefined : subject.name(subject.installed);
    const { version: name, state, dependencies } = subject.candidate(version);
    chosen.set(subject.id, { id: subject.id, version: name, state, dependencies, installed });
  }
  const edges: ResolvedEdge[] = [];
  const optionalLeftOut: OptionalLeftOut[] = [];
  const asPlugin = new Set(world.request.roots.map(({ id }) => id));
  const asLibrary = new Set<string>();
  for (const { id: from, dependencies } of chosen.values())
    for (const { dependencyId: to, type, versionConstraint: constraint, required } of dependencies) {
      if (type === 'Runtime') continue;
      (type === 'Plugin' ? asPlugin : asLibrary).add(to);
      if (!chosen.has(to)) optionalLeftOut.push({ id: to, constraint, wantedBy: from });
      else if (to !== from) edges.push({ from, to, constraint, required });
    }
  edges.sort((one, other) => compare(one.from, other.from) || compare(one.to, other.to));
  optionalLeftOut.sort((one, other) => compare(one.id, other.id) || compare(one.wantedBy, other.wantedBy));

  const requiredBy = new Map<string, Set<string>>();
  for (const { from, to, required } of edges)
    if (required) requiredBy.set(to, (requiredBy.get(to) ?? new Set()).add(from));

  const order = orderDependenciesFirst([...chosen.keys()], edges).flatMap((id): ResolvedVersion[] => {
    const each = chosen.get(id);
    if (each === undefined) return [];
    const { version, state, installed } = each;
    return [
      {
        id,
        version,
        type: asLibrary.has(id) && !asPlugin.has(id) ? 'Library' : 'Plugin',
        state,
        requiredBy: [...(requiredBy.get(id) ?? [])],
        alreadyInstalled: installed === version,
        ...(installed === undefined || installed === version ? {} : { replaces: installed }),
      },
    ];
  });
  return { ok: true, order, edges, optionalLeftOut, warnings: order.flatMap(warningsAbout) };
}

function warningsAbout({ id, version, state, alreadyInstalled }: ResolvedVersion): ResolutionWarning[] {
  if (state === 'Deprecated') {
    const message = `${id}@${version} is deprecated${alreadyInstalled ? '' : ', and nothing better fits'}.`;
    return [{ id, version, state, message }];
  }
  if (state === 'Archived' || state === 'Recalled') {
    const message = `${id}@${version} is installed and ${state.toLowerCase()}: it could not be installed again.`;
    return [{ id, version, state, message }];
  }
  return [];
}

/** By code units: the same on every machine, whatever its language. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

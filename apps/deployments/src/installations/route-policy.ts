import type { Manifest, RoutePolicyInput } from '@switchyard/contracts';
import type { InstallationRow } from './installation.store.js';

export interface RoutedRelease {
  readonly setId: string;
  readonly deploymentId: string;
  readonly version: string;
  readonly manifest: Partial<Manifest>;
}

export interface Routed {
  readonly stable: RoutedRelease | null;
  readonly candidate: RoutedRelease | null;
}

/** What gateways do with requests of this installation; null: there is nothing to ask. */
export function routePolicy(installation: InstallationRow, routed: Routed): RoutePolicyInput | null {
  const weight = routed.candidate ? installation.candidate_weight : 0;
  const { stable } = routed;
  const candidate = stable === null && weight === 0 ? null : routed.candidate;
  if (stable === null && candidate === null) return null;
  const releases = [stable, candidate].filter((each) => each !== null);
  return {
    tenantId: installation.tenant_id,
    environment: installation.environment,
    pluginId: installation.plugin_id,
    prefixes: [
      ...new Set(releases.flatMap(({ manifest }) => (manifest.Api_prefix ? [manifest.Api_prefix] : []))),
    ],
    slots: { stable: stable && slot(stable, 100 - weight), candidate: candidate && slot(candidate, weight) },
    sticky: installation.sticky && candidate ? { by: 'user', salt: candidate.deploymentId } : { by: 'none' },
    publicRoutes: publicInAll(releases.map(({ manifest }) => publicRoutes(manifest))),
  };
}

const slot = ({ setId, deploymentId, version }: RoutedRelease, weight: number) => ({
  setId,
  deploymentId,
  version,
  weight,
});

type PublicRoute = NonNullable<RoutePolicyInput['publicRoutes']>[number];

const publicRoutes = (manifest: Partial<Manifest>): PublicRoute[] =>
  (manifest.endpoints ?? [])
    .filter((endpoint) => endpoint.public === true)
    .map(({ methods, path }) => ({ methods, path: path.replaceAll(/:[^/]+|\{[^/}]+\}/g, '*') }));

/** While two versions answer, only what both call public needs no token: nobody knows which one is asked. */
function publicInAll([first = [], ...others]: PublicRoute[][]): PublicRoute[] {
  return first.flatMap(({ path, methods }) => {
    const inAll = methods.filter((method) =>
      others.every((routes) => routes.some((each) => each.path === path && each.methods.includes(method))),
    );
    return inAll.length === 0 ? [] : [{ path, methods: inAll }];
  });
}

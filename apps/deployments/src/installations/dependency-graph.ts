import type { TenantDependencyGraph } from '@switchyard/contracts';
import { matches, parseConstraint } from '@switchyard/dependencies';
import type { z } from 'zod';
import type { InstalledRow } from './installed.store.js';

type Graph = z.output<typeof TenantDependencyGraph>;

/** What runs, or is being installed for the first time, and which of it needs which. */
export function dependencyGraph(installed: readonly InstalledRow[]): Pick<Graph, 'nodes' | 'edges'> {
  const shown = installed.map((row) => ({
    pluginId: row.plugin_id,
    pluginVersion: row.stable ?? row.moving ?? '',
    status: row.stable === null ? ('Deploying' as const) : ('Active' as const),
    dependencies: (row.stable === null ? row.moving_demands : row.stable_demands)?.dependencies ?? [],
  }));
  const versionOf = new Map(shown.map(({ pluginId, pluginVersion }) => [pluginId, pluginVersion]));
  return {
    nodes: shown.map(({ dependencies: _, ...node }) => node),
    edges: shown.flatMap(({ pluginId: from, dependencies }) =>
      dependencies
        // A runtime is the platform's, and nothing that a tenant installs.
        .filter(({ type }) => type !== 'Runtime')
        .map(({ dependencyId: to, type, versionConstraint, required }) => {
          const version = versionOf.get(to);
          const satisfied = version === undefined ? !required : fits(version, versionConstraint);
          return { from, to, type, versionConstraint, required, satisfied };
        }),
    ),
  };
}

function fits(version: string, versionConstraint: string): boolean {
  const parsed = parseConstraint(versionConstraint);
  return parsed.ok && matches(version, parsed.constraint);
}

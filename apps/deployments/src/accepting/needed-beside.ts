import type { Resolution } from '@switchyard/contracts';
import { AppError } from '@switchyard/errors';
import type { InstalledRow } from '../installations/installed.store.js';

export interface NeededVersion {
  readonly pluginId: string;
  readonly version: string;
}

/** What an environment runs, and what it is about to run: whatever is deployed has to get on with both. */
export function viewsOf(
  installed: readonly InstalledRow[],
  pluginId: string,
): { id: string; version: string }[][] {
  const others = installed.filter((row) => row.plugin_id !== pluginId);
  const own = installed.filter((row) => row.plugin_id === pluginId);
  const view = (choose: (row: InstalledRow) => string | null) => [
    ...own.flatMap(({ plugin_id: id, stable }) => (stable === null ? [] : [{ id, version: stable }])),
    ...others.map((row) => ({ id: row.plugin_id, version: choose(row) ?? '' })),
  ];
  const now = view(({ stable, moving }) => stable ?? moving);
  const isMoving = others.some(({ stable, moving }) => stable !== null && moving !== null);
  return isMoving ? [now, view(({ stable, moving }) => moving ?? stable)] : [now];
}

export function mustGetOn(resolutions: readonly Resolution[]): void {
  const problems = distinct(resolutions.flatMap((resolution) => resolution.problems));
  if (problems.length === 0) return;
  throw new AppError('DEPENDENCY_CONFLICT', problems[0]?.message ?? 'The dependencies cannot be met', {
    details: problems.map(({ chain, ...problem }) => ({ field: chainText(chain), ...problem, chain })),
  });
}

/** Dependencies first. */
export const toInstall = (pluginId: string, { install }: Resolution): NeededVersion[] =>
  install
    .filter((item) => !item.alreadyInstalled && item.type !== 'Runtime' && item.pluginId !== pluginId)
    .map((item) => ({ pluginId: item.pluginId, version: item.version }));

/** Nothing is installed that nobody asked for. */
export function mustBeThere(root: NeededVersion, resolution: Resolution): void {
  const missing = toInstall(root.pluginId, resolution);
  if (missing.length === 0) return;
  const details = missing.map(({ pluginId, version }) => {
    const chain = chainTo(root, pluginId, resolution);
    return {
      field: chainText(chain),
      kind: 'missing',
      message: `${pluginId} is not installed, and ${chainText(chain.slice(0, -1))} needs it`,
      chain,
      solution: `Deploy ${pluginId} ${version} first, or send "installDependencies": true`,
    };
  });
  const names = missing.map(({ pluginId, version }) => `${pluginId} ${version}`).join(', ');
  throw new AppError(
    'DEPENDENCY_CONFLICT',
    `${root.pluginId} ${root.version} needs what is not installed: ${names}. Deploy it first, or send "installDependencies": true`,
    { details },
  );
}

/** Everything that the plugin cannot be without, directly or not. */
export function requiredBy(pluginId: string, { edges }: Resolution): ReadonlySet<string> {
  const reached = new Set([pluginId]);
  for (const id of reached)
    for (const { from, to, required } of edges) if (required && from === id) reached.add(to);
  reached.delete(pluginId);
  return reached;
}

interface Link {
  readonly id: string;
  readonly version?: string | undefined;
  readonly constraint?: string | undefined;
}

/** The shortest way that leads there. */
function chainTo(root: NeededVersion, wanted: string, { edges, install }: Resolution): Link[] {
  const versionOf = new Map(install.map((item) => [item.pluginId, item.version]));
  const ways = new Map<string, Link[]>([[root.pluginId, [{ id: root.pluginId, version: root.version }]]]);
  for (const [id, way] of ways)
    for (const { from, to, versionConstraint: constraint, required } of edges)
      if (required && from === id && !ways.has(to))
        ways.set(to, [
          ...way.slice(0, -1),
          { id, version: versionOf.get(id) ?? way.at(-1)?.version },
          { id: to, constraint },
        ]);
  return ways.get(wanted) ?? [{ id: wanted }];
}

const chainText = (chain: readonly Link[]): string =>
  chain
    .map(({ id, version, constraint }) => (version ? `${id}@${version}` : `${id} ${constraint ?? ''}`.trim()))
    .join(' -> ');

const distinct = <T extends { message: string }>(problems: readonly T[]): T[] => [
  ...new Map(problems.map((each) => [each.message, each])).values(),
];

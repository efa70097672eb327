import type { DependencyProblem, ResolvedDependency } from '@switchyard/contracts';
import {
  ResolutionAbandonedError,
  ResolutionOutOfMemoryError,
  ResolutionTimedOutError,
  type ResolvePool,
  type Resolution,
  type ResolveRequest,
} from '@switchyard/dependencies';
import { AppError } from '@switchyard/errors';
import type { z } from 'zod';
import type { RegistryOptions } from '../registry-options.js';
import type { NamedVersion } from '../versions/must-see-version.js';
import type { World } from './load-world.js';
import type { TenantTerms } from './tenant-terms.js';

type Problem = z.output<typeof DependencyProblem>;

export interface Answer {
  install: z.output<typeof ResolvedDependency>[];
  edges: { from: string; to: string; versionConstraint: string; required: boolean }[];
  problems: Problem[];
  warnings: string[];
}

export interface ResolveTerms {
  terms: TenantTerms;
  upgradeInstalled: boolean;
}

const limits = { timeMs: 5_000, maxOldSpaceMb: 256 };

/** Asks the solver, in its worker, and adds what only the registry knows: signatures and categories. */
export class Resolver {
  constructor(
    private readonly pool: ResolvePool,
    private readonly options: Pick<RegistryOptions, 'runtimes'>,
  ) {}

  async resolve(
    named: NamedVersion,
    world: World,
    { terms, upgradeInstalled }: ResolveTerms,
  ): Promise<Answer> {
    const resolution = await this.inWorker({
      roots: [{ id: named.pluginId, constraint: named.version }],
      catalogue: world.catalogue,
      installed: world.installed,
      runtimes: this.options.runtimes,
      mayUpgradeInstalled: upgradeInstalled,
    });
    if (!resolution.ok)
      return {
        install: [],
        edges: [],
        problems: resolution.problems.map((problem) => ({
          ...problem,
          chain: problem.chain.map((link) => ({ ...link })),
        })),
        warnings: [],
      };
    const install = resolution.order.map((item) => ({
      pluginId: item.id,
      version: item.version,
      type: item.type,
      ...(item.state ? { state: item.state } : {}),
      requiredBy: [...item.requiredBy],
      alreadyInstalled: item.alreadyInstalled,
      replaces: item.replaces ?? null,
    }));
    return {
      install,
      edges: resolution.edges.map(({ constraint, ...edge }) => ({ ...edge, versionConstraint: constraint })),
      problems: install
        .filter(({ alreadyInstalled }) => !alreadyInstalled)
        .flatMap((item) => unacceptable(item, world, terms)),
      warnings: resolution.warnings.map(({ message }) => message),
    };
  }

  private async inWorker(request: ResolveRequest): Promise<Resolution> {
    try {
      return await this.pool.resolveInWorker(request, limits);
    } catch (error) {
      if (error instanceof ResolutionAbandonedError)
        throw new AppError('SERVICE_UNAVAILABLE', 'The resolution was given up; ask again', {
          retryAfter: 1,
          cause: error,
        });
      const within =
        error instanceof ResolutionTimedOutError
          ? `${limits.timeMs / 1000} seconds`
          : error instanceof ResolutionOutOfMemoryError
            ? `${limits.maxOldSpaceMb} MB of memory`
            : undefined;
      if (within === undefined) throw error;
      throw new AppError(
        'DEPENDENCY_CONFLICT',
        `These dependencies could not be resolved within ${within}; narrower ranges make it easier`,
        { cause: error },
      );
    }
  }
}

function unacceptable(
  { pluginId, version, type }: Answer['install'][number],
  world: World,
  terms: TenantTerms,
): Problem[] {
  const facts = world.facts.get(`${pluginId}@${version}`);
  if (type === 'Runtime' || !facts) return [];
  const chain = [{ id: pluginId, version }];
  return [
    ...(terms.requireSignedVersions && !facts.signed
      ? [
          {
            kind: 'unsigned' as const,
            chain,
            message: `${pluginId} ${version} is not signed, and the tenant installs signed versions only`,
            solution: `Have its publisher sign it (PUT /api/v1/plugins/${pluginId}/versions/${version}/signature)`,
          },
        ]
      : []),
    ...(terms.allowedCategories.length > 0 && !terms.allowedCategories.includes(facts.category)
      ? [
          {
            kind: 'category' as const,
            chain,
            message: `${pluginId} is of the category "${facts.category}", which the tenant may not use`,
            solution: `Allow the tenant the category "${facts.category}"`,
          },
        ]
      : []),
  ];
}

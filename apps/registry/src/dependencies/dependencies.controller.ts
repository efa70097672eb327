import { Controller, Inject } from '@nestjs/common';
import type { Identity } from '@switchyard/auth';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import { Handles, identityOf, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { CatalogueReader, type Sight } from '../sight/catalogue-reader.js';
import { mustSeeVersion, type NamedVersion } from '../versions/must-see-version.js';
import { findTenantTerms, noTerms, type TenantTerms } from './tenant-terms.js';
import { callerOf } from '../sight/caller-of.js';
import { FairTurns } from './fair-turns.js';
import { installedIn, loadWorld } from './load-world.js';
import { Resolver } from './resolver.js';

@Controller()
export class DependenciesController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
    @Inject(Resolver) private readonly resolver: Resolver,
    @Inject(FairTurns) private readonly turns: FairTurns,
  ) {}

  @Handles(routes.getDependencies)
  async graph(
    @Input() { params, call }: HandlerInput<typeof routes.getDependencies>,
  ): HandlerOutput<typeof routes.getDependencies> {
    const who = identityOf(call);
    const { problems, install, edges, warnings } = await this.turns.admit(callerOf(who), async (inTurn) => {
      const { world, terms } = await this.catalogue.read(who, (sight) => this.look(sight, params));
      return await inTurn(() => this.resolver.resolve(params, world, { terms, upgradeInstalled: false }));
    });
    return {
      ...params,
      resolvable: problems.length === 0,
      nodes: install,
      edges,
      problems,
      warnings,
    };
  }

  @Handles(routes.validateDependencies)
  async validate(
    @Input() { params, body, call }: HandlerInput<typeof routes.validateDependencies>,
  ): HandlerOutput<typeof routes.validateDependencies> {
    const who = identityOf(call);
    const tenantId = body.tenantId ?? null;
    const environment = tenantId === null ? undefined : (body.environment ?? 'Production');
    const { problems, install, warnings } = await this.turns.admit(callerOf(who), async (inTurn) => {
      // What waits for its turn holds no connection to the database.
      const { world, terms } =
        tenantId === null
          ? await this.catalogue.read(who, (sight) => this.look(sight, params))
          : await this.lookAs(who, tenantId, params, environment);
      const { upgradeInstalled } = body;
      return await inTurn(() => this.resolver.resolve(params, world, { terms, upgradeInstalled }));
    });
    if (problems.length > 0)
      throw new AppError('DEPENDENCY_CONFLICT', problems[0]?.message ?? 'The dependencies cannot be met', {
        details: problems.map(({ chain, ...problem }) => ({
          field: chain
            .map(({ id, version, constraint }) =>
              version ? `${id}@${version}` : `${id} ${constraint ?? ''}`,
            )
            .join(' -> '),
          ...problem,
          chain,
        })),
      });
    return { ...params, tenantId, environment: environment ?? null, valid: true as const, install, warnings };
  }

  private async look(sight: Sight, params: NamedVersion, environment?: string) {
    await mustSeeVersion(sight, params);
    const installed = environment === undefined ? [] : await installedIn(sight.tx, environment);
    return { world: await loadWorld(sight, [params.pluginId], installed), terms: noTerms };
  }

  /** As the tenant sees it, whoever asks: what is private to others is nothing it could install. */
  private async lookAs(
    who: Identity,
    tenantId: string,
    params: NamedVersion,
    environment: string | undefined,
  ): Promise<{ world: Awaited<ReturnType<typeof loadWorld>>; terms: TenantTerms }> {
    if (who.role !== 'PlatformAdmin' && who.tenant !== tenantId) throw notFound('Tenant', tenantId);
    return await this.database.withTenant(tenantId, async (tx) => {
      const terms = await findTenantTerms(tx, tenantId);
      if (!terms) throw notFound('Tenant', tenantId);
      const { world } = await this.look({ tx, where: [] }, params, environment);
      return { world, terms };
    });
  }
}

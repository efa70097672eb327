import { Controller, Inject } from '@nestjs/common';
import { routes, type TenantPlugin } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import type { z } from 'zod';
import { Reconciler } from '../reconciling/reconciler.js';
import { World } from '../reconciling/world.js';
import { dependencyGraph } from './dependency-graph.js';
import { environmentsInUse, listInstallations, type ListedInstallation } from './installation.store.js';
import { installedIn } from './installed.store.js';
import { mainEnvironment } from './main-environment.js';
import { undeploy } from './undeploy.js';

@Controller()
export class TenantPluginsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(World) private readonly world: World,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
  ) {}

  @Handles(routes.listTenantPlugins)
  async list(
    @Input() { params, query }: HandlerInput<typeof routes.listTenantPlugins>,
  ): HandlerOutput<typeof routes.listTenantPlugins> {
    const { tenantId } = params;
    const { rows, ...page } = await this.database.withTenant(tenantId, (tx) =>
      listInstallations(tx, tenantId, query.environment, query),
    );
    return { tenantId, plugins: rows.map((row) => this.view(row)), ...page };
  }

  @Handles(routes.getDependencyGraph)
  async graph(
    @Input() { params, query }: HandlerInput<typeof routes.getDependencyGraph>,
  ): HandlerOutput<typeof routes.getDependencyGraph> {
    const { tenantId } = params;
    const { environment, installed } = await this.database.withTenant(tenantId, async (tx) => {
      const chosen = query.environment ?? mainEnvironment(await environmentsInUse(tx, tenantId));
      return { environment: chosen, installed: await installedIn(tx, tenantId, chosen) };
    });
    return { tenantId, environment, ...dependencyGraph(installed) };
  }

  @Handles(routes.undeployPlugin)
  async remove(
    @Input() { params, query, call }: HandlerInput<typeof routes.undeployPlugin>,
  ): HandlerOutput<typeof routes.undeployPlugin> {
    const { tenantId, pluginId } = params;
    const { environment, setIds } = await this.database.withPlatform('undeploy a plugin', (tx) =>
      undeploy(tx, call, { tenantId, pluginId, environment: query.environment, force: query.force }),
    );
    this.reconciler.hints.sets(setIds);
    return { tenantId, pluginId, environment, status: 'Removing' };
  }

  private view(row: ListedInstallation): z.output<typeof TenantPlugin> {
    const instances = row.stable_set === null ? [] : this.world.instancesOf(row.stable_set);
    return {
      pluginId: row.plugin_id,
      pluginVersion: row.semantic_version ?? '',
      environment: row.environment,
      status: row.moving ? 'Deploying' : 'Active',
      healthyInstances: instances.filter(({ ready }) => ready).length,
      totalInstances: row.desired ?? 0,
      deployedAt: (row.deployed_at ?? row.created_at).toISOString(),
    };
  }
}

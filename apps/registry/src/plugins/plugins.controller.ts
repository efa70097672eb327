import { Controller, Inject } from '@nestjs/common';
import { pluginDeleted, pluginUpdated, routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { publish } from '@switchyard/events';
import {
  audited,
  Handles,
  identityOf,
  Input,
  requireMatch,
  type EdgeCall,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import { capabilitiesOf, countCapabilities } from '../capabilities/keep-capabilities.js';
import { mustNotBeDeployed } from '../installations/must-not-be-deployed.js';
import { KnownPublishers } from '../publishers/known-publishers.js';
import { CatalogueReader, mustSee } from '../sight/catalogue-reader.js';
import { changeAccess } from './change-access.js';
import { takeStep } from './change-status.js';
import { changedColumns } from './changed-columns.js';
import { listPluginRows } from './list-plugins.js';
import { mustManage } from './must-manage.js';
import { peopleSteps, type PeopleStep } from './plugin-status.js';
import { deletePlugin, listGrants, savePlugin, type PluginChange, type PluginRow } from './plugin.store.js';
import { pluginSummary, pluginView, type PluginParts } from './plugin-view.js';
import { readPluginParts } from './read-plugin-parts.js';
import { registerPlugin } from './register-plugin.js';

type SetVersion = HandlerInput<typeof routes.getPlugin>['setVersion'];

@Controller()
export class PluginsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
    @Inject(KnownPublishers) private readonly publishers: KnownPublishers,
  ) {}

  @Handles(routes.registerPlugin)
  async register(
    @Input() { body, call, repeated }: HandlerInput<typeof routes.registerPlugin>,
  ): HandlerOutput<typeof routes.registerPlugin> {
    const { plugin, version, publisher, isNew, warnings } = await this.database.withPlatform(
      'register a plugin',
      (tx) => registerPlugin(tx, call, body),
    );
    if (!isNew) repeated();
    this.publishers.expect(publisher.id, publisher.name);
    return {
      pluginId: plugin.plugin_id,
      name: plugin.name,
      status: plugin.status,
      version: version.semantic_version,
      versionId: version.version_id,
      publisher: publisher.name,
      publisherId: publisher.id,
      createdAt: plugin.created_at.toISOString(),
      warnings,
    };
  }

  @Handles(routes.listPlugins)
  async list(
    @Input() { query, call }: HandlerInput<typeof routes.listPlugins>,
  ): HandlerOutput<typeof routes.listPlugins> {
    const publisherIds =
      query.publisher === undefined ? undefined : this.publishers.idsNamed(query.publisher);
    const { rows, ...page } = await this.catalogue.read(identityOf(call), (sight) =>
      listPluginRows(sight, query, publisherIds),
    );
    return { plugins: rows.map((row) => pluginSummary(row, this.nameOf)), ...page };
  }

  @Handles(routes.getPlugin)
  async get(
    @Input() { params, call, setVersion }: HandlerInput<typeof routes.getPlugin>,
  ): HandlerOutput<typeof routes.getPlugin> {
    const parts = await this.catalogue.read(identityOf(call), async (sight) => {
      const [row, rest] = await Promise.all([
        mustSee(sight, params.pluginId),
        readPluginParts(sight.tx, params.pluginId),
      ]);
      return { row, ...rest };
    });
    return this.view(parts, setVersion);
  }

  @Handles(routes.updatePlugin)
  async update(
    @Input() { params, body, call, ifMatch, setVersion }: HandlerInput<typeof routes.updatePlugin>,
  ): HandlerOutput<typeof routes.updatePlugin> {
    return await this.change(call, params.pluginId, setVersion, async (tx, before) => {
      requireMatch(ifMatch, before.version);
      const { change, changed } = changedColumns(before, body);
      const row = changed.length === 0 ? before : await savePlugin(tx, before, change);
      if (row !== before) await tellUpdated(tx, row, changed);
      return { row, action: 'plugin.updated', details: { changed } };
    });
  }

  @Handles(routes.approvePlugin)
  async approve(
    @Input() { params, call, setVersion }: HandlerInput<typeof routes.approvePlugin>,
  ): HandlerOutput<typeof routes.approvePlugin> {
    return await this.step(call, params.pluginId, 'approve', setVersion);
  }

  @Handles(routes.deprecatePlugin)
  async deprecate(
    @Input() { params, body, call, setVersion }: HandlerInput<typeof routes.deprecatePlugin>,
  ): HandlerOutput<typeof routes.deprecatePlugin> {
    const deprecation = { message: body.message, replacement: body.replacement ?? null };
    return await this.step(call, params.pluginId, 'deprecate', setVersion, { deprecation });
  }

  @Handles(routes.archivePlugin)
  async archive(
    @Input() { params, body, call, setVersion }: HandlerInput<typeof routes.archivePlugin>,
  ): HandlerOutput<typeof routes.archivePlugin> {
    return await this.step(call, params.pluginId, 'archive', setVersion, { featured: false }, body);
  }

  @Handles(routes.reinstatePlugin)
  async reinstate(
    @Input() { params, call, setVersion }: HandlerInput<typeof routes.reinstatePlugin>,
  ): HandlerOutput<typeof routes.reinstatePlugin> {
    return await this.step(call, params.pluginId, 'reinstate', setVersion, { deprecation: null });
  }

  @Handles(routes.deletePlugin)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deletePlugin>,
  ): HandlerOutput<typeof routes.deletePlugin> {
    await this.database.withPlatform('delete a plugin', async (tx) => {
      const plugin = await mustManage(tx, call, params.pluginId);
      await mustNotBeDeployed(tx, plugin.plugin_id);
      const capabilities = await capabilitiesOf(tx, plugin.plugin_id);
      await deletePlugin(tx, plugin);
      await countCapabilities(tx, capabilities);
      await audited(tx, call, { tenant: null, action: 'plugin.deleted', subject: plugin.plugin_id });
      await publish(tx, pluginDeleted, {
        tenant: null,
        key: plugin.plugin_id,
        data: { pluginId: plugin.plugin_id },
      });
    });
  }

  @Handles(routes.getAccess)
  async getAccess(
    @Input() { params, call }: HandlerInput<typeof routes.getAccess>,
  ): HandlerOutput<typeof routes.getAccess> {
    return await this.database.withPlatform('see the access to a plugin', async (tx) => {
      const { plugin_id: pluginId, visibility } = await mustManage(tx, call, params.pluginId);
      return { pluginId, visibility, tenants: await listGrants(tx, pluginId) };
    });
  }

  @Handles(routes.setAccess)
  async setAccess(
    @Input() { params, body, call }: HandlerInput<typeof routes.setAccess>,
  ): HandlerOutput<typeof routes.setAccess> {
    return await this.database.withPlatform('change the access to a plugin', async (tx) => {
      const plugin = await mustManage(tx, call, params.pluginId);
      const { visibility, tenants } = body;
      const changed = await changeAccess(tx, plugin, { visibility, tenants });
      if (changed.length > 0) {
        await audited(tx, call, {
          tenant: null,
          action: 'plugin.access-changed',
          subject: plugin.plugin_id,
          details: { visibility, tenants: tenants.length },
        });
        await tellUpdated(tx, plugin, changed);
      }
      return { pluginId: plugin.plugin_id, visibility, tenants };
    });
  }

  private view(parts: PluginParts, setVersion: SetVersion): ReturnType<typeof pluginView> {
    const view = pluginView(parts, this.nameOf);
    setVersion(parts.row.version, view);
    return view;
  }

  private readonly nameOf = (publisherId: string): string => this.publishers.nameOf(publisherId);

  private step(
    call: EdgeCall,
    pluginId: string,
    step: PeopleStep,
    setVersion: SetVersion,
    change: PluginChange = {},
    details: Readonly<Record<string, unknown>> = {},
  ) {
    return this.change(call, pluginId, setVersion, async (tx, before) => ({
      row: await takeStep(tx, before, step, change),
      action: `plugin.${peopleSteps[step]}`,
      details,
    }));
  }

  /** Locks, changes, writes down what was changed and answers with what became of it. */
  private async change(
    call: EdgeCall,
    pluginId: string,
    setVersion: SetVersion,
    work: (
      tx: Transaction,
      before: PluginRow,
    ) => Promise<{ row: PluginRow; action: string; details: Readonly<Record<string, unknown>> }>,
  ) {
    const parts = await this.database.withPlatform('change a plugin', async (tx) => {
      const before = await mustManage(tx, call, pluginId);
      const { row, action, details } = await work(tx, before);
      if (row !== before) await audited(tx, call, { tenant: null, action, subject: pluginId, details });
      return { row, ...(await readPluginParts(tx, pluginId)) };
    });
    return this.view(parts, setVersion);
  }
}

const tellUpdated = (tx: Transaction, { plugin_id: pluginId }: PluginRow, changed: string[]) =>
  publish(tx, pluginUpdated, { tenant: null, key: pluginId, data: { pluginId, changed } });

import { Controller, Inject } from '@nestjs/common';
import { routes, type MarketplacePlugin } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import {
  audited,
  Handles,
  identityOf,
  Input,
  type EdgeCall,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import type { z } from 'zod';
import { lockPlugin, savePlugin, type PluginRow } from '../plugins/plugin.store.js';
import { pluginView, ratingOf } from '../plugins/plugin-view.js';
import { readPluginParts } from '../plugins/read-plugin-parts.js';
import { KnownPublishers } from '../publishers/known-publishers.js';
import { CatalogueReader, findSeen } from '../sight/catalogue-reader.js';
import { findVersion } from '../versions/version.store.js';
import { offeredTo } from './allowed-categories.js';
import { browse } from './browse.js';
import { search } from './search.js';

@Controller()
export class MarketplaceController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
    @Inject(KnownPublishers) private readonly publishers: KnownPublishers,
  ) {}

  @Handles(routes.browseMarketplace)
  async browse(
    @Input() { query, call }: HandlerInput<typeof routes.browseMarketplace>,
  ): HandlerOutput<typeof routes.browseMarketplace> {
    const who = identityOf(call);
    const { rows, ...page } = await this.catalogue.read(who, async (sight) =>
      browse(sight.tx, await offeredTo(sight, who), query),
    );
    return { plugins: rows.map((row) => this.offer(row)), ...page };
  }

  @Handles(routes.searchMarketplace)
  async search(
    @Input() { query, call }: HandlerInput<typeof routes.searchMarketplace>,
  ): HandlerOutput<typeof routes.searchMarketplace> {
    const who = identityOf(call);
    const { rows, ...page } = await this.catalogue.read(who, async (sight) =>
      search(sight.tx, await offeredTo(sight, who), query),
    );
    const results = rows.map((row) => {
      const { featured: _, ...offer } = this.offer(row);
      return { ...offer, relevanceScore: row.score };
    });
    return { query: query.q, results, ...page };
  }

  @Handles(routes.getMarketplacePlugin)
  async get(
    @Input() { params, call }: HandlerInput<typeof routes.getMarketplacePlugin>,
  ): HandlerOutput<typeof routes.getMarketplacePlugin> {
    const who = identityOf(call);
    const { row, parts, latest } = await this.catalogue.read(who, async (sight) => {
      const where = await offeredTo(sight, who);
      const row = await findSeen({ ...sight, where }, params.pluginId);
      if (!row) throw notFound('Plugin', params.pluginId);
      const [parts, latest] = await Promise.all([
        readPluginParts(sight.tx, row.plugin_id),
        findVersion(sight.tx, row.plugin_id, row.latest_version),
      ]);
      return { row, parts, latest };
    });
    const manifest = latest?.manifest ?? {};
    const [one = 0, two = 0, three = 0, four = 0, five = 0] = row.ratings;
    return {
      ...pluginView({ row, ...parts }, (id) => this.publishers.nameOf(id)),
      runtime: latest?.runtime ?? { type: 'unknown', version: 'unknown' },
      releaseNotes: latest?.release_notes ?? null,
      license: textOf(manifest['license']),
      homepage: textOf(manifest['homepage']),
      permissions: (manifest['permissions'] as string[] | undefined) ?? [],
      downloads: Number(row.downloads),
      ratings: { 1: one, 2: two, 3: three, 4: four, 5: five },
    };
  }

  @Handles(routes.featurePlugin)
  async feature(
    @Input() { params, call }: HandlerInput<typeof routes.featurePlugin>,
  ): HandlerOutput<typeof routes.featurePlugin> {
    await this.setFeatured(call, params.pluginId, true);
  }

  @Handles(routes.unfeaturePlugin)
  async unfeature(
    @Input() { params, call }: HandlerInput<typeof routes.unfeaturePlugin>,
  ): HandlerOutput<typeof routes.unfeaturePlugin> {
    await this.setFeatured(call, params.pluginId, false);
  }

  private async setFeatured(call: EdgeCall, pluginId: string, featured: boolean): Promise<void> {
    await this.database.withPlatform('feature a plugin', async (tx) => {
      const plugin = await lockPlugin(tx, pluginId);
      if (!plugin) throw notFound('Plugin', pluginId);
      if (plugin.featured === featured) return;
      if (featured) mustBeOffered(plugin);
      await this.saveFeatured(tx, call, plugin, featured);
    });
  }

  private async saveFeatured(
    tx: Transaction,
    call: EdgeCall,
    plugin: PluginRow,
    featured: boolean,
  ): Promise<void> {
    await savePlugin(tx, plugin, { featured });
    const action = featured ? 'plugin.featured' : 'plugin.unfeatured';
    await audited(tx, call, { tenant: null, action, subject: plugin.plugin_id });
  }

  private offer(row: PluginRow): z.output<typeof MarketplacePlugin> {
    return {
      pluginId: row.plugin_id,
      name: row.name,
      category: row.category,
      publisher: this.publishers.nameOf(row.publisher_id),
      description: row.description,
      iconUrl: row.icon_url,
      latestVersion: row.latest_version,
      installationCount: row.installation_count,
      averageRating: ratingOf(row),
      featured: row.featured,
    };
  }
}

function mustBeOffered({ plugin_id, status, visibility }: PluginRow): void {
  if (status === 'Archived' || visibility === 'Private')
    throw conflict(
      `"${plugin_id}" is ${status === 'Archived' ? status : visibility}: only what everybody sees can be featured`,
    );
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

import type { BrowseQuery, MarketplaceSort } from '@switchyard/contracts';
import {
  type Condition,
  listPage,
  type ListQuery,
  type PageOf,
  type Sort,
  type Transaction,
} from '@switchyard/database';
import type { z } from 'zod';
import type { PluginRow } from '../plugins/plugin.store.js';
import { isInverted, pluginFilters } from '../sight/plugin-filters.js';

const sorts: Readonly<Record<MarketplaceSort, Sort>> = {
  popular: { column: 'installation_count', type: 'bigint' },
  rating: { column: 'coalesce(average_rating, 0)', type: 'numeric' },
  newest: { column: 'created_at', type: 'timestamptz' },
  updated: { column: 'updated_at', type: 'timestamptz' },
  name: { column: 'lower(name)', type: 'text', ascending: true },
};

export function browse(
  tx: Transaction,
  offered: readonly Condition[],
  query: z.output<typeof BrowseQuery>,
): Promise<PageOf<PluginRow>> {
  const list: ListQuery = {
    columns: '*',
    from: 'registry.seen_plugins',
    where: [
      ...offered,
      ...pluginFilters(query),
      ...(query.featured === undefined
        ? []
        : [{ sql: query.featured ? 'featured' : 'NOT featured', values: [] }]),
    ],
    sort: sorts[query.sort],
    id: 'plugin_id',
    inverted: isInverted(query),
  };
  return listPage<PluginRow>(tx, list, query);
}

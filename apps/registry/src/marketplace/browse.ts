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
      ...(query.category ? [{ sql: 'category = ?', values: [query.category] }] : []),
      ...(query.featured === undefined
        ? []
        : [{ sql: query.featured ? 'featured' : 'NOT featured', values: [] }]),
      ...(query.tags?.length ? [{ sql: 'tags @> ?::text[]', values: [query.tags] }] : []),
    ],
    sort: sorts[query.sort],
    id: 'plugin_id',
  };
  return listPage<PluginRow>(tx, list, query);
}

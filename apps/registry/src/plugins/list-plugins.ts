import type { PluginQuery } from '@switchyard/contracts';
import { type Condition, listPage, type PageOf } from '@switchyard/database';
import type { z } from 'zod';
import type { Sight } from '../sight/catalogue-reader.js';
import { isInverted, pluginFilters } from '../sight/plugin-filters.js';
import { textQuery } from '../sight/text-query.js';
import type { PluginRow } from './plugin.store.js';

export function listPluginRows(
  { tx, where }: Sight,
  query: z.output<typeof PluginQuery>,
  publisherIds: readonly string[] | undefined,
): Promise<PageOf<PluginRow>> {
  const conditions: Condition[] = [
    ...where,
    ...pluginFilters(query),
    ...(query.status ? [{ sql: 'status = ?', values: [query.status] }] : []),
    ...(publisherIds ? [{ sql: 'publisher_id = ANY(?)', values: [publisherIds] }] : []),
    ...(query.capability
      ? [
          {
            sql: 'plugin_id IN (SELECT pc.plugin_id FROM registry.plugin_capabilities pc WHERE pc.capability_id = ?)',
            values: [query.capability],
          },
        ]
      : []),
    ...(query.search ? [textQuery(query.search)] : []),
  ];
  return listPage<PluginRow>(
    tx,
    {
      columns: '*',
      from: 'registry.seen_plugins',
      where: conditions,
      createdAt: 'created_at',
      id: 'plugin_id',
      inverted: isInverted(query),
    },
    page(query),
  );
}

const page = ({ limit, offset, cursor }: z.output<typeof PluginQuery>) => ({ limit, offset, cursor });

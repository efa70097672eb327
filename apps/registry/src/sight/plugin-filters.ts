import type { Condition } from '@switchyard/database';

/** What every list of plugins is filtered by; `tags` means all of them. */
export const pluginFilters = ({
  category,
  tags,
}: {
  category?: string | undefined;
  tags?: readonly string[] | undefined;
}): Condition[] => [
  ...(category ? [{ sql: 'category = ?', values: [category] }] : []),
  ...(tags?.length ? [{ sql: 'tags @> ?::text[]', values: [tags] }] : []),
];

/** Whether an inverted index has to be asked. */
export const isInverted = ({
  tags,
  search,
}: {
  tags?: readonly string[] | undefined;
  search?: string | undefined;
}): boolean => search !== undefined || (tags !== undefined && tags.length > 0);

import type { UpdatePlugin } from '@switchyard/contracts';
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { PluginChange, PluginRow } from './plugin.store.js';

const columnOf = {
  name: 'name',
  description: 'description',
  category: 'category',
  iconUrl: 'icon_url',
  documentationUrl: 'documentation_url',
  repositoryUrl: 'repository_url',
  tags: 'tags',
} as const satisfies Record<keyof z.output<typeof UpdatePlugin>, keyof PluginChange>;

/** What a caller named that is otherwise so far: by field, and as it is kept. */
export function changedColumns(
  before: PluginRow,
  body: z.output<typeof UpdatePlugin>,
): { changed: string[]; change: PluginChange } {
  const changed = (Object.keys(columnOf) as (keyof typeof columnOf)[]).filter(
    (name) => body[name] !== undefined && !isDeepStrictEqual(body[name], before[columnOf[name]]),
  );
  return { changed, change: Object.fromEntries(changed.map((name) => [columnOf[name], body[name]])) };
}

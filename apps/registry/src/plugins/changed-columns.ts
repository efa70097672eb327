import type { UpdatePlugin } from '@switchyard/contracts';
import type { z } from 'zod';
import type { PluginChange } from './plugin.store.js';

const columnOf = {
  name: 'name',
  description: 'description',
  category: 'category',
  iconUrl: 'icon_url',
  documentationUrl: 'documentation_url',
  repositoryUrl: 'repository_url',
  tags: 'tags',
} as const satisfies Record<keyof z.output<typeof UpdatePlugin>, keyof PluginChange>;

/** What a caller named, and nothing that they left out. */
export const changedColumns = (body: z.output<typeof UpdatePlugin>): PluginChange =>
  Object.fromEntries(
    (Object.keys(columnOf) as (keyof typeof columnOf)[])
      .filter((name) => body[name] !== undefined)
      .map((name) => [columnOf[name], body[name]]),
  );

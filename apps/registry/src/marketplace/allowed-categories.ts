import type { Condition } from '@switchyard/database';
import type { Identity } from '@switchyard/auth';
import type { Sight } from '../sight/catalogue-reader.js';

/** What the marketplace shows the caller: nothing archived, and only the categories that their tenant may use. */
export async function offeredTo({ tx, where }: Sight, who: Identity): Promise<Condition[]> {
  const offered = { sql: `status <> 'Archived'`, values: [] };
  if (who.tenant === null) return [...where, offered];
  const tenant = await tx.one<{ categories: string[] | null }>(
    `SELECT ARRAY(SELECT jsonb_array_elements_text(state->'allowedCategories')) AS categories FROM registry.tenant_copies WHERE tenant_id = $1`,
    [who.tenant],
  );
  const categories = tenant?.categories ?? [];
  return [
    ...where,
    offered,
    ...(categories.length > 0 ? [{ sql: 'category = ANY(?)', values: [categories] }] : []),
  ];
}

import type { EventData, EventDefinition } from '@switchyard/contracts';
import type { TestDatabase } from '@switchyard/testing';

/** What was told of a key, oldest first. */
export async function toldOf<Definition extends EventDefinition>(
  database: TestDatabase,
  { type }: Definition,
  key: string,
): Promise<EventData<Definition>[]> {
  const rows = await database.look<{ data: EventData<Definition> }>(
    'SELECT data FROM events.log WHERE type = $1 AND key = $2 ORDER BY epoch, seq',
    [type, key],
  );
  return rows.map(({ data }) => data);
}

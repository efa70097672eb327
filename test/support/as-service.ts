import type { ServiceName } from '@switchyard/database';
import pg from 'pg';
import type { RunningPlatform } from './start-platform.js';

/** PostgreSQL's "insufficient privilege", which is also what row-level security refuses with. */
export const refused = { code: '42501' };

/** What the database itself lets a service's role do, with none of our code in between. */
export async function asService<T>(
  { database }: Pick<RunningPlatform, 'database'>,
  service: ServiceName,
  context: string | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: database.urlFor(service) });
  await client.connect();
  try {
    await client.query('BEGIN');
    if (context !== undefined)
      await client.query(`SELECT set_config('switchyard.tenant', $1, true)`, [context]);
    return await work(client);
  } finally {
    await client.end();
  }
}

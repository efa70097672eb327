import pg from 'pg';
import { serviceRole, type ServiceName } from './identifiers.js';
import { refuseUnsafeRoles } from './roles.js';

/**
 * Signs in once as the service: a start that cannot succeed shall say so, not wait. A server that is not there yet is
 * no reason to give up.
 */
export async function checkServiceRole(url: string, service: ServiceName): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: `switchyard-${service}`,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    if (!isRefusal(error)) return;
    throw new Error(
      `the database refuses the role ${serviceRole(service)}: its password was made from another DATABASE_ROLE_SECRET. Set the secret that the roles were ` +
        'made with, or give them the passwords of this one with the ALTER ROLE statements that `npm run database:roles` prints',
      { cause: error },
    );
  }
  try {
    await refuseUnsafeRoles(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A pooler refuses in words of its own. */
const isRefusal = (error: unknown): boolean =>
  (error as { code?: string }).code === '28P01' ||
  /(password|SASL) authentication failed/.test((error as Error).message);

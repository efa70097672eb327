import { createHmac } from 'node:crypto';
import type pg from 'pg';
import {
  ownerRole,
  platformRole,
  quoteIdentifier,
  quoteLiteral,
  serviceRole,
  services,
  type ServiceName,
} from './identifiers.js';

/** Every process that knows the secret derives the same password, so that none has to be handed around. */
export const rolePassword = (secret: string, service: ServiceName): string =>
  createHmac('sha256', secret).update(`switchyard role ${service}`).digest('base64url');

/** The service's own connection, on the server that `url` names. */
export function serviceUrl(url: string, secret: string, service: ServiceName): string {
  const own = new URL(url);
  own.username = serviceRole(service);
  own.password = rolePassword(secret, service);
  return own.href;
}

/** Also ends a transaction that a hung process left open: it would hold its locks for ever. */
const limits = { idle_in_transaction_session_timeout: '20s', statement_timeout: '60s', lock_timeout: '15s' };

/** What a database administrator runs where the migrator may not create roles; also what it runs itself. */
export function roleStatements(secret: string, existing: ReadonlySet<string>): string[] {
  const statements: string[] = [];
  const create = (role: string, attributes: string) => {
    if (!existing.has(role))
      statements.push(
        `CREATE ROLE ${quoteIdentifier(role)} ${attributes} NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE`,
      );
  };
  create(ownerRole, 'NOLOGIN');
  for (const service of services) {
    const login = quoteIdentifier(serviceRole(service));
    create(platformRole(service), 'NOLOGIN');
    create(serviceRole(service), 'LOGIN NOINHERIT');
    if (existing.has(serviceRole(service))) continue;
    statements.push(`ALTER ROLE ${login} PASSWORD ${quoteLiteral(rolePassword(secret, service))}`);
    statements.push(`GRANT ${quoteIdentifier(platformRole(service))} TO ${login}`);
    for (const [name, value] of Object.entries(limits))
      statements.push(`ALTER ROLE ${login} SET ${name} = ${quoteLiteral(value)}`);
  }
  return statements;
}

/** Another database of the same server may be making the same roles: roles are the server's, our lock the database's. */
const lostRace = new Set(['42710', '23505', 'XX000']);

/** Creates the roles that are missing and refuses those that could step around row-level security. */
export async function ensureRoles(client: pg.Client, secret: string, attempts = 10): Promise<void> {
  try {
    await createMissingRoles(client, secret);
  } catch (error) {
    if (attempts <= 1 || !lostRace.has((error as { code?: string }).code ?? '')) throw error;
    await ensureRoles(client, secret, attempts - 1);
  }
}

async function createMissingRoles(client: pg.Client, secret: string): Promise<void> {
  const names = [ownerRole, ...services.flatMap((s) => [serviceRole(s), platformRole(s)])];
  const found = await client.query<{ rolname: string; unsafe: boolean }>(
    'SELECT rolname, rolbypassrls OR rolsuper AS unsafe FROM pg_roles WHERE rolname = ANY($1)',
    [names],
  );
  const unsafe = found.rows.filter((row) => row.unsafe).map((row) => row.rolname);
  if (unsafe.length > 0)
    throw new Error(`these database roles must have neither SUPERUSER nor BYPASSRLS: ${unsafe.join(', ')}`);
  const statements = roleStatements(secret, new Set(found.rows.map((row) => row.rolname)));
  try {
    // Together or not at all: a role without its password would look finished to the next process.
    await client.query(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
  } catch (error) {
    await client.query('ROLLBACK');
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new Error(
      'the database user may not create roles; create them beforehand with the statements that `npm run database:roles` prints',
      { cause: error },
    );
  }
  const { rows } = await client.query<{ superuser: boolean }>(
    'SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user',
  );
  if (!rows[0]?.superuser)
    await client.query(`GRANT ${quoteIdentifier(ownerRole)} TO CURRENT_USER`).catch(() => undefined);
}

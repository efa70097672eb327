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

const allRoles = [ownerRole, ...services.flatMap((service) => [serviceRole(service), platformRole(service)])];

/** A role that row-level security does not bind would make every tenant's rows anybody's. */
export async function refuseUnsafeRoles(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolbypassrls OR rolsuper)',
    [allRoles],
  );
  if (rows.length > 0)
    throw new Error(
      `these database roles must have neither SUPERUSER nor BYPASSRLS: ${rows.map((row) => row.rolname).join(', ')}`,
    );
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/** Another database of the same server may be making the same roles: roles are the server's, our lock the database's. */
const lostRace = new Set(['42710', '23505', 'XX000']);
const notAllowed = '42501';

/**
 * Creates the roles that are missing and refuses those that could step around row-level security. `transaction` makes
 * it all or nothing: a role without its password would look finished to the next process.
 */
export async function ensureRoles(
  client: pg.Client,
  secret: string,
  transaction: (work: () => Promise<void>) => Promise<void>,
  attempts = 10,
): Promise<void> {
  try {
    await transaction(() => createMissingRoles(client, secret));
    await transaction(() => becomeOwner(client));
  } catch (error) {
    if (attempts <= 1 || !lostRace.has(codeOf(error))) throw error;
    await ensureRoles(client, secret, transaction, attempts - 1);
  }
}

async function createMissingRoles(client: pg.Client, secret: string): Promise<void> {
  await refuseUnsafeRoles(client);
  const found = await client.query<{ rolname: string }>(
    'SELECT rolname FROM pg_roles WHERE rolname = ANY($1)',
    [allRoles],
  );
  const statements = roleStatements(secret, new Set(found.rows.map((row) => row.rolname)));
  if (statements.length === 0) return;
  try {
    await client.query(statements.join(';\n'));
  } catch (error) {
    if (codeOf(error) !== notAllowed) throw error;
    throw new Error(
      'the database user may not create roles; create them beforehand with the statements that `npm run database:roles` prints',
      { cause: error },
    );
  }
}

/** Schemas and tables belong to the owner's role, which the migrator has to be able to become. */
async function becomeOwner(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ me: string; may: boolean }>(
    `SELECT current_user AS me, rolsuper OR pg_has_role(current_user, $1, 'USAGE') AS may FROM pg_roles WHERE rolname = current_user`,
    [ownerRole],
  );
  const me = rows[0];
  if (!me || me.may) return;
  const grant = `GRANT ${ownerRole} TO ${quoteIdentifier(me.me)}`;
  try {
    await client.query(grant);
  } catch (error) {
    if (codeOf(error) !== notAllowed) throw error;
    throw new Error(
      `the database user ${me.me} may not act as ${ownerRole}; let an administrator run ${grant}, which \`npm run database:roles\` prints too`,
      {
        cause: error,
      },
    );
  }
}

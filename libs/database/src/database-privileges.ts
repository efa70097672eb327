import type pg from 'pg';
import { quoteIdentifier } from './identifiers.js';

/** Make or change large objects, which belong to no schema and no tenant. */
const largeObjectWriters = [
  'lo_create',
  'lo_creat',
  'lo_from_bytea',
  'lo_import',
  'lo_open',
  'lo_put',
  'lo_truncate',
  'lo_truncate64',
  'lo_unlink',
  'lowrite',
];

const notAllowed = '42501';

/**
 * What PostgreSQL gives to everybody and no service needs: each of it would let a service that was taken over fill the
 * disk or leave things for others to trip over. What the migrator's user may not take away stays.
 */
export async function revokeFromPublic(client: pg.ClientBase): Promise<void> {
  for (const statement of await stillGranted(client)) {
    await client.query('SAVEPOINT revoking');
    try {
      await client.query(statement);
      await client.query('RELEASE SAVEPOINT revoking');
    } catch (error) {
      await client.query('ROLLBACK TO SAVEPOINT revoking');
      if ((error as { code?: string }).code !== notAllowed) throw error;
    }
  }
}

/** Only what is there to be revoked: a catalog that is as it should be is not written at each start. */
async function stillGranted(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ kind: 'database' | 'schema' | 'function'; name: string }>(
    `SELECT 'database' AS kind, d.datname AS name FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
       WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'TEMPORARY'
     UNION ALL
     SELECT 'schema', n.nspname FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
       WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'
     UNION ALL
     SELECT 'function', p.oid::regprocedure::text FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
       WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY($1) AND a.grantee = 0`,
    [largeObjectWriters],
  );
  const revocations = {
    database: (name: string) => `REVOKE TEMPORARY ON DATABASE ${quoteIdentifier(name)} FROM PUBLIC`,
    schema: (name: string) => `REVOKE CREATE ON SCHEMA ${quoteIdentifier(name)} FROM PUBLIC`,
    function: (signature: string) => `REVOKE EXECUTE ON FUNCTION pg_catalog.${signature} FROM PUBLIC`,
  };
  return rows.map(({ kind, name }) => revocations[kind](name));
}

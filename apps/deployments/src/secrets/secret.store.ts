import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

export interface SecretRow {
  tenant_id: string;
  name: string;
  sealed: string;
  created_at: Date;
  updated_at: Date;
}

export const putSecret = async (
  tx: Transaction,
  secret: Pick<SecretRow, 'tenant_id' | 'name' | 'sealed'>,
): Promise<SecretRow & { is_new: boolean }> => {
  const row = await tx.one<SecretRow & { is_new: boolean }>(
    `INSERT INTO deployments.secrets (tenant_id, name, sealed) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, name) DO UPDATE SET sealed = excluded.sealed, updated_at = now() RETURNING *, xmax = 0 AS is_new`,
    [secret.tenant_id, secret.name, secret.sealed],
  );
  if (!row) throw new Error('the secret was not written down');
  return row;
};

export const findSecrets = (
  tx: Transaction,
  tenantId: string,
  names: readonly string[],
): Promise<Pick<SecretRow, 'name' | 'sealed'>[]> =>
  tx.query('SELECT name, sealed FROM deployments.secrets WHERE tenant_id = $1 AND name = ANY($2)', [
    tenantId,
    names,
  ]);

export const deleteSecret = async (tx: Transaction, tenantId: string, name: string): Promise<boolean> =>
  (await tx.run('DELETE FROM deployments.secrets WHERE tenant_id = $1 AND name = $2', [tenantId, name])) > 0;

export const countSecrets = async (tx: Transaction, tenantId: string): Promise<number> =>
  (
    await tx.one<{ count: number }>(
      'SELECT count(*)::int AS count FROM deployments.secrets WHERE tenant_id = $1',
      [tenantId],
    )
  )?.count ?? 0;

export type ListedSecret = Pick<SecretRow, 'name' | 'created_at' | 'updated_at'>;
export const listSecretRows = (
  tx: Transaction,
  tenantId: string,
  page: Page,
): Promise<PageOf<ListedSecret>> =>
  listPage<ListedSecret>(
    tx,
    {
      columns: 'name, created_at, updated_at',
      from: 'deployments.secrets',
      where: [{ sql: 'tenant_id = ?', values: [tenantId] }],
      createdAt: 'created_at',
      id: 'name',
    },
    page,
  );

/** Installations whose current settings name the secret. */
export const usersOfSecret = (
  tx: Transaction,
  tenantId: string,
  name: string,
): Promise<{ plugin_id: string; environment: string }[]> =>
  tx.query(
    `SELECT DISTINCT s.plugin_id, s.environment FROM deployments.sets s JOIN deployments.releases r USING (release_id)
     WHERE s.tenant_id = $1 AND s.fate <> 'gone' AND position($2 IN r.settings::text) > 0 ORDER BY 1, 2`,
    [tenantId, `\${secret:${name}}`],
  );

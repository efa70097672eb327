import type { Quotas, RateLimits, TenantStatus } from '@switchyard/contracts';
import { containing, listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';

export interface TenantRow {
  tenant_id: string;
  name: string;
  description: string | null;
  namespace: string;
  status: TenantStatus;
  quotas: Quotas;
  rate_limits: RateLimits;
  allowed_categories: string[];
  require_signed_versions: boolean;
  contact_email: string | null;
  subscription_tier: string | null;
  plugin_count: number;
  resource_usage: {
    currentCpu: number;
    currentMemoryGB: number;
    currentStorageGB: number;
    currentInstances: number;
  };
  version: number;
  created_at: Date;
  updated_at: Date;
  purge_at: Date | null;
}

export type NewTenant = Pick<
  TenantRow,
  | 'tenant_id'
  | 'name'
  | 'description'
  | 'namespace'
  | 'quotas'
  | 'rate_limits'
  | 'allowed_categories'
  | 'contact_email'
  | 'subscription_tier'
>;

/** What an update may change; everything else has its own operation. */
export type TenantChange = Omit<NewTenant, 'tenant_id' | 'namespace'> &
  Pick<TenantRow, 'status' | 'purge_at' | 'require_signed_versions'>;

export async function insertTenant(
  tx: Transaction,
  tenant: NewTenant,
): Promise<TenantRow | 'id-taken' | 'namespace-taken'> {
  const row = await tx.one<TenantRow>(
    `INSERT INTO tenants.tenants (tenant_id, name, description, namespace, quotas, rate_limits, allowed_categories, contact_email, subscription_tier)
     SELECT $1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8, $9
     WHERE NOT EXISTS (SELECT FROM tenants.purged_tenants WHERE tenant_id = $1 OR namespace = $4)
     ON CONFLICT DO NOTHING RETURNING *`,
    [
      tenant.tenant_id,
      tenant.name,
      tenant.description,
      tenant.namespace,
      JSON.stringify(tenant.quotas),
      JSON.stringify(tenant.rate_limits),
      tenant.allowed_categories,
      tenant.contact_email,
      tenant.subscription_tier,
    ],
  );
  if (row) return row;
  const sameId = await tx.one(
    `SELECT 1 FROM tenants.tenants WHERE tenant_id = $1 UNION ALL SELECT 1 FROM tenants.purged_tenants WHERE tenant_id = $1`,
    [tenant.tenant_id],
  );
  return sameId ? 'id-taken' : 'namespace-taken';
}

export const findTenant = (tx: Transaction, tenantId: string): Promise<TenantRow | undefined> =>
  tx.one<TenantRow>('SELECT * FROM tenants.tenants WHERE tenant_id = $1', [tenantId]);

export const lockTenant = (tx: Transaction, tenantId: string): Promise<TenantRow | undefined> =>
  tx.one<TenantRow>('SELECT * FROM tenants.tenants WHERE tenant_id = $1 FOR UPDATE', [tenantId]);

export async function saveTenant(
  tx: Transaction,
  tenantId: string,
  change: TenantChange,
): Promise<TenantRow> {
  const row = await tx.one<TenantRow>(
    `UPDATE tenants.tenants SET name = $2, description = $3, quotas = $4::jsonb, rate_limits = $5::jsonb, allowed_categories = $6,
       contact_email = $7, subscription_tier = $8, status = $9, purge_at = $10, require_signed_versions = $11, version = version + 1, updated_at = now()
     WHERE tenant_id = $1 RETURNING *`,
    [
      tenantId,
      change.name,
      change.description,
      JSON.stringify(change.quotas),
      JSON.stringify(change.rate_limits),
      change.allowed_categories,
      change.contact_email,
      change.subscription_tier,
      change.status,
      change.purge_at,
      change.require_signed_versions,
    ],
  );
  if (!row) throw new Error(`tenant ${tenantId} vanished while it was locked`);
  return row;
}

export interface TenantFilter {
  status?: TenantStatus | undefined;
  tier?: string | undefined;
  search?: string | undefined;
}

export function listTenantRows(
  tx: Transaction,
  filter: TenantFilter,
  page: Page,
): Promise<PageOf<TenantRow>> {
  const where = [
    ...(filter.status ? [{ sql: 'status = ?', values: [filter.status] }] : []),
    ...(filter.tier ? [{ sql: 'subscription_tier = ?', values: [filter.tier] }] : []),
    ...(filter.search
      ? [
          {
            sql: `(name ILIKE ? OR tenant_id ILIKE ?)`,
            values: [containing(filter.search), containing(filter.search)],
          },
        ]
      : []),
  ];
  return listPage<TenantRow>(
    tx,
    { columns: '*', from: 'tenants.tenants', where, createdAt: 'created_at', id: 'tenant_id' },
    page,
  );
}

export async function countPeople(
  tx: Transaction,
  tenantId: string,
): Promise<{ users: number; robots: number }> {
  const row = await tx.one<{ users: number; robots: number }>(
    `SELECT (SELECT count(*)::int FROM tenants.users WHERE tenant_id = $1) AS users,
            (SELECT count(*)::int FROM tenants.robots WHERE tenant_id = $1) AS robots`,
    [tenantId],
  );
  return row ?? { users: 0, robots: 0 };
}

/** Tenants whose grace period is over, by the database's clock. */
export const dueForPurge = (tx: Transaction, most: number): Promise<TenantRow[]> =>
  tx.query<TenantRow>(
    `SELECT * FROM tenants.tenants WHERE status = 'Deleting' AND purge_at <= now() ORDER BY purge_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [most],
  );

export async function removeTenant(tx: Transaction, tenant: TenantRow): Promise<void> {
  await tx.run('INSERT INTO tenants.purged_tenants (tenant_id, namespace) VALUES ($1, $2)', [
    tenant.tenant_id,
    tenant.namespace,
  ]);
  await tx.run('DELETE FROM tenants.robots WHERE tenant_id = $1', [tenant.tenant_id]);
  await tx.run('DELETE FROM tenants.trust_rules WHERE tenant_id = $1', [tenant.tenant_id]);
  await tx.run('DELETE FROM tenants.users WHERE tenant_id = $1', [tenant.tenant_id]);
  await tx.run('DELETE FROM tenants.tenants WHERE tenant_id = $1', [tenant.tenant_id]);
}

/** A list under a tenant that does not exist is no empty list. */
export async function mustExist(tx: Transaction, tenantId: string): Promise<void> {
  if (!(await tx.one('SELECT 1 FROM tenants.tenants WHERE tenant_id = $1', [tenantId])))
    throw notFound('Tenant', tenantId);
}

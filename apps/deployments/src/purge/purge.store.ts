import type { Transaction } from '@switchyard/database';
import type { InstallationKey } from '../installations/installation.store.js';

/** All but what instances still run of; answers which installations there were. */
export async function removeTenant(tx: Transaction, tenantId: string): Promise<InstallationKey[]> {
  await tx.run(
    `UPDATE deployments.sets SET fate = 'draining', desired = 0, draining_since = clock_timestamp()
     WHERE tenant_id = $1 AND fate IN ('live', 'warm')`,
    [tenantId],
  );
  await tx.run('DELETE FROM deployments.history WHERE tenant_id = $1', [tenantId]);
  await tx.run('DELETE FROM deployments.rollouts WHERE tenant_id = $1', [tenantId]);
  const keys = await tx.query<InstallationKey>(
    'DELETE FROM deployments.installations WHERE tenant_id = $1 RETURNING tenant_id, environment, plugin_id',
    [tenantId],
  );
  for (const table of ['secrets', 'quota_locks', 'approval_policies'])
    await tx.run(`DELETE FROM deployments.${table} WHERE tenant_id = $1`, [tenantId]);
  await tx.run(`DELETE FROM deployments.sets WHERE tenant_id = $1 AND fate = 'gone'`, [tenantId]);
  await tx.run(
    `DELETE FROM deployments.releases r WHERE tenant_id = $1 AND NOT pinned
       AND NOT EXISTS (SELECT FROM deployments.sets s WHERE s.release_id = r.release_id)`,
    [tenantId],
  );
  return keys;
}

const isPurged = (row: string): string =>
  `NOT EXISTS (SELECT FROM deployments.tenant_copies t WHERE t.tenant_id = ${row}.tenant_id)`;

/** The last of a purged tenant: a release that nothing runs any more, and its sets. */
export async function removeOfPurgedTenant(tx: Transaction, releaseId: string): Promise<void> {
  await tx.run(
    `DELETE FROM deployments.sets s WHERE release_id = $1 AND fate = 'gone' AND ${isPurged('s')}`,
    [releaseId],
  );
  await tx.run(
    `DELETE FROM deployments.releases r WHERE release_id = $1 AND NOT pinned AND ${isPurged('r')}
       AND NOT EXISTS (SELECT FROM deployments.sets s WHERE s.release_id = r.release_id)`,
    [releaseId],
  );
}

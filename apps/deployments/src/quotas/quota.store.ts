import type { Transaction } from '@switchyard/database';
import type { InstallationKey } from '../installations/installation.store.js';
import { most, nothing, sum, type Demand } from './peak-demand.js';
import type { QuotaUse } from './quota-problem.js';

/** Whoever reserves anything for a tenant does so one after the other. */
export async function lockQuotas(tx: Transaction, tenantId: string): Promise<void> {
  await tx.run('INSERT INTO deployments.quota_locks (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    tenantId,
  ]);
  await tx.one('SELECT 1 FROM deployments.quota_locks WHERE tenant_id = $1 FOR UPDATE', [tenantId]);
}

interface UseRow extends Demand {
  environment: string;
  plugin_id: string;
  kind: 'moving' | 'stable' | 'warm';
}

/**
 * What is reserved: of each installation the most that any of its deployments may come to, or what it runs, and the sets that
 * are kept warm. `besides` is left out, but for what it keeps warm.
 */
export async function quotaUse(
  tx: Transaction,
  tenantId: string,
  besides: InstallationKey,
): Promise<QuotaUse & { knowsPlugin: boolean }> {
  const rows = await tx.query<UseRow>(
    `SELECT environment, plugin_id, 'moving' AS kind, peak_instances AS instances, peak_cpu AS cpu, peak_memory_mb AS "memoryMB"
       FROM deployments.rollouts WHERE tenant_id = $1 AND NOT settled
     UNION ALL
     SELECT s.environment, s.plugin_id, CASE s.fate WHEN 'warm' THEN 'warm' ELSE 'stable' END, s.desired,
       s.desired * (r.resources->>'minCpu')::float8, s.desired * (r.resources->>'minMemoryMB')::float8
       FROM deployments.sets s JOIN deployments.releases r USING (release_id)
       LEFT JOIN deployments.installations i ON i.stable_set = s.set_id
       WHERE s.tenant_id = $1 AND (s.fate = 'warm' OR (s.fate = 'live' AND i.stable_set IS NOT NULL))`,
    [tenantId],
  );
  const running = new Map<string, Demand>();
  let total = nothing;
  for (const row of rows) {
    const isBeside = row.environment === besides.environment && row.plugin_id === besides.plugin_id;
    if (row.kind === 'warm') total = sum(total, row);
    else if (!isBeside) {
      const key = `${row.environment}/${row.plugin_id}`;
      running.set(key, most(running.get(key) ?? nothing, row));
    }
  }
  for (const each of running.values()) total = sum(total, each);
  const plugins = new Set(rows.map(({ plugin_id }) => plugin_id));
  return { ...total, plugins: plugins.size, knowsPlugin: plugins.has(besides.plugin_id) };
}

/** What the installation's own deployments that have not left yet may come to. */
export async function demandOfMoving(tx: Transaction, key: InstallationKey): Promise<Demand> {
  const row = await tx.one<Demand>(
    `SELECT coalesce(max(peak_instances), 0)::int AS instances, coalesce(max(peak_cpu), 0)::float8 AS cpu, coalesce(max(peak_memory_mb), 0)::float8 AS "memoryMB"
     FROM deployments.rollouts WHERE tenant_id = $1 AND environment = $2 AND plugin_id = $3 AND NOT settled`,
    [key.tenant_id, key.environment, key.plugin_id],
  );
  return row ?? nothing;
}

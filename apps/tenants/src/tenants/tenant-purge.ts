import { recordAudit } from '@switchyard/audit';
import { tenantPurged } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { feedRemove, publish } from '@switchyard/events';
import { endSessionsOf, refuseTokensOf } from '../people/revocations.js';
import { robotFeed } from '../robots/robot-operations.js';
import { refuseTokensOfRule } from '../trust-rules/refuse-tokens-of-rule.js';
import { trustRulesOfTenant } from '../trust-rules/trust-rule.store.js';
import type { TenantsOptions } from '../tenants-options.js';
import { tenantFeed } from './tenant-operations.js';
import { dueForPurge, removeTenant } from './tenant.store.js';

/** Removes the tenants whose grace period is over, a few at a time; answers how many. The audit log stays. */
export async function purgeTenants(
  database: ServiceDatabase,
  options: Pick<TenantsOptions, 'clock' | 'accessTokenSeconds'>,
): Promise<number> {
  return await database.withPlatform('purge tenants', async (tx) => {
    const due = await dueForPurge(tx, 5);
    for (const tenant of due) {
      const users = await tx.query<{ user_id: string }>(
        'SELECT user_id FROM tenants.users WHERE tenant_id = $1',
        [tenant.tenant_id],
      );
      const robots = await tx.query<{ robot_id: string }>(
        'SELECT robot_id FROM tenants.robots WHERE tenant_id = $1',
        [tenant.tenant_id],
      );
      for (const { user_id } of users) {
        await endSessionsOf(tx, user_id, options);
        await refuseTokensOf(tx, user_id, options);
      }
      for (const { robot_id } of robots) await feedRemove(tx, robotFeed, robot_id);
      for (const { rule_id } of await trustRulesOfTenant(tx, tenant.tenant_id))
        await refuseTokensOfRule(tx, rule_id, options, 'Disabled');
      await removeTenant(tx, tenant);
      const entry = { tenant: tenant.tenant_id, action: 'tenant.purged', subject: tenant.tenant_id };
      await recordAudit(tx, { ...entry, outcome: 'Success', actor: 'switchyard', actorKind: 'system' });
      await publish(tx, tenantPurged, {
        tenant: tenant.tenant_id,
        key: tenant.tenant_id,
        data: { tenantId: tenant.tenant_id },
      });
      await feedRemove(tx, tenantFeed, tenant.tenant_id);
    }
    return due.length;
  });
}

import type { Identity } from '@switchyard/auth';
import type { ServiceDatabase } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { findRollout } from './rollout.store.js';

/** Whose the deployment is, as far as the caller may know: a foreign one is not there. */
export async function seenTenant(
  database: ServiceDatabase,
  who: Identity,
  deploymentId: string,
): Promise<string> {
  const rollout =
    who.role === 'PlatformAdmin'
      ? await database.withPlatform('find a deployment', (tx) => findRollout(tx, deploymentId))
      : await database.readInTenant(who.tenant ?? '', (tx) => findRollout(tx, deploymentId));
  if (!rollout) throw notFound('Deployment', deploymentId);
  return rollout.tenant_id;
}

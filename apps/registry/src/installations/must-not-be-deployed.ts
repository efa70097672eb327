import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';

/** What runs somewhere, or may come back by a rollback, is not deleted. */
export async function mustNotBeDeployed(tx: Transaction, pluginId: string): Promise<void> {
  // Locks them: a pin that is being taken at this moment is either seen here or finds no version.
  await tx.query(
    'SELECT 1 FROM registry.versions WHERE plugin_id = $1 ORDER BY semantic_version FOR UPDATE',
    [pluginId],
  );
  const use = await tx.one<{ installations: number; pins: number }>(
    `SELECT (SELECT count(*)::int FROM registry.installations WHERE plugin_id = $1 AND semantic_version IS NOT NULL) AS installations,
            (SELECT count(*)::int FROM registry.pins WHERE plugin_id = $1) AS pins`,
    [pluginId],
  );
  if (use && use.installations > 0)
    throw conflict(
      `"${pluginId}" is deployed in ${use.installations} environment(s); undeploy it from all tenants first, or archive it`,
    );
  if (use && use.pins > 0)
    throw conflict(
      `"${pluginId}" is still needed by ${use.pins} deployment(s) that run or can be rolled back to; wait until they are over, or archive it`,
    );
}

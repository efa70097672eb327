import { installationChanged } from '@switchyard/contracts';
import { publish } from '@switchyard/events';
import type { TestDatabase } from '@switchyard/testing';

let revision = 0;

/** What the deployments service tells when a tenant's environment runs something else: here without one. */
export async function installed(
  database: TestDatabase,
  tenantId: string,
  pluginId: string,
  version: string | null,
  environment = 'Production',
): Promise<void> {
  revision += 1;
  const deployments = database.open('deployments', 2);
  await deployments.withPlatform('installed', (tx) =>
    publish(tx, installationChanged, {
      tenant: null,
      key: pluginId,
      data: { tenantId, pluginId, environment, version, revision },
    }),
  );
}

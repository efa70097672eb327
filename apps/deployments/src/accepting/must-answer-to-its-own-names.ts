import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import type { InstallationKey } from '../installations/installation.store.js';
import type { PinnedVersion } from '../registry-door.js';
import { prefixesOfOthers } from '../releases/release.store.js';

/** Nothing else that runs in the environment may answer to the same name. */
export async function mustAnswerToItsOwnNames(
  tx: Transaction,
  key: InstallationKey,
  { manifest }: PinnedVersion,
): Promise<void> {
  const others = await prefixesOfOthers(tx, {
    tenantId: key.tenant_id,
    environment: key.environment,
    pluginId: key.plugin_id,
  });
  const own = [key.plugin_id, ...(manifest.Api_prefix === undefined ? [] : [manifest.Api_prefix])];
  for (const { plugin_id, prefix } of others) {
    const taken = own.find((name) => name === plugin_id || name === prefix);
    if (taken !== undefined)
      throw conflict(
        `"${taken}" is what the plugin "${plugin_id}" answers to in ${key.environment}: two cannot answer to one name`,
      );
  }
}

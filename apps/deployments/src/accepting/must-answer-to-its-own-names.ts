import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { prefixesOfOthers } from '../releases/release.store.js';
import type { Order } from './order.js';

/** Nothing else that runs in the environment, or that is deployed with it, may answer to the same name. */
export async function mustAnswerToItsOwnNames(
  tx: Transaction,
  { key, version }: Order,
  before: readonly Order[],
): Promise<void> {
  const running = await prefixesOfOthers(tx, {
    tenantId: key.tenant_id,
    environment: key.environment,
    pluginId: key.plugin_id,
  });
  const beside = before.map((other) => ({
    plugin_id: other.key.plugin_id,
    prefix: other.version.manifest.Api_prefix ?? null,
  }));
  const { Api_prefix: ownPrefix } = version.manifest;
  const own = [key.plugin_id, ...(ownPrefix === undefined ? [] : [ownPrefix])];
  for (const { plugin_id, prefix } of [...running, ...beside]) {
    const taken = own.find((name) => name === plugin_id || name === prefix);
    if (taken !== undefined)
      throw conflict(
        `"${taken}" is what the plugin "${plugin_id}" answers to in ${key.environment}: two cannot answer to one name`,
      );
  }
}

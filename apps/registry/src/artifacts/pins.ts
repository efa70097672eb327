import { isDigest } from '@switchyard/artifacts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { lockPlugin } from '../plugins/plugin.store.js';
import { lockVersion, type VersionRow } from '../versions/version.store.js';
import { touchBlob } from './blob.store.js';
import { whyNotDeployable } from './why-not-deployable.js';

export interface PinRequest {
  pluginId: string;
  version: string;
  /** Who needs it: a deployment or a release, by its id. */
  holder: string;
}

/**
 * Keeps a version and its bytes for as long as the holder needs them, and refuses what may not be deployed anew. It locks
 * the rows that delete, recall and collection lock: what it answers holds until the pin is released.
 */
export async function takePin(
  tx: Transaction,
  { pluginId, version, holder }: PinRequest,
): Promise<VersionRow> {
  const plugin = await lockPlugin(tx, pluginId);
  const row = plugin && (await lockVersion(tx, pluginId, version));
  if (!row) throw notFound('Version', `${pluginId}@${version}`);
  const [refusal] = whyNotDeployable(plugin, row);
  if (refusal !== undefined) throw conflict(refusal);
  if (row.artifact && isDigest(row.checksum)) await touchBlob(tx, row.checksum, row.artifact.size);
  await tx.run(
    `INSERT INTO registry.pins (digest, holder, plugin_id, semantic_version) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [row.checksum, holder, pluginId, version],
  );
  return row;
}

/** Nothing the holder needed is kept for it any longer. */
export const releasePins = (tx: Transaction, holder: string): Promise<number> =>
  tx.run('DELETE FROM registry.pins WHERE holder = $1', [holder]);

export const isPinned = async (tx: Transaction, digest: string): Promise<boolean> =>
  (await tx.one('SELECT 1 FROM registry.pins WHERE digest = $1 LIMIT 1', [digest])) !== undefined;

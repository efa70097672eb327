import type { Capability } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';

/** Makes these the capabilities of the plugin, and counts anew those that gained or lost it. */
export async function keepCapabilities(
  tx: Transaction,
  pluginId: string,
  capabilities: readonly Capability[],
): Promise<void> {
  const ids = capabilities.map(({ capabilityId }) => capabilityId);
  const gone = await tx.query<{ capability_id: string }>(
    'DELETE FROM registry.plugin_capabilities WHERE plugin_id = $1 AND capability_id <> ALL($2) RETURNING capability_id',
    [pluginId, ids],
  );
  if (capabilities.length > 0) {
    const sorted = capabilities.toSorted((a, b) => (a.capabilityId < b.capabilityId ? -1 : 1));
    // In one order for everybody, so that two plugins with the same capabilities do not lock each other out.
    await tx.run(
      `INSERT INTO registry.capabilities (capability_id, name, version)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT (capability_id) DO NOTHING`,
      [sorted.map((c) => c.capabilityId), sorted.map((c) => c.name), sorted.map((c) => c.version)],
    );
    await tx.run(
      `INSERT INTO registry.plugin_capabilities AS pc (plugin_id, capability_id, name, version, definition)
       SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::jsonb[])
       ON CONFLICT (capability_id, plugin_id) DO UPDATE SET name = excluded.name, version = excluded.version, definition = excluded.definition`,
      [
        pluginId,
        sorted.map((c) => c.capabilityId),
        sorted.map((c) => c.name),
        sorted.map((c) => c.version),
        sorted.map((c) => JSON.stringify(c)),
      ],
    );
  }
  await countCapabilities(tx, [...ids, ...gone.map(({ capability_id }) => capability_id)]);
}

/**
 * Whoever changes a plugin's visibility, or deletes it, changes what its capabilities count. Their names are those that a public
 * plugin gives them: what a private one calls them is nobody else's to read.
 */
export async function countCapabilities(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    'SELECT 1 FROM registry.capabilities WHERE capability_id = ANY($1) ORDER BY capability_id FOR UPDATE',
    [ids],
  );
  await tx.run(
    `UPDATE registry.capabilities c SET (plugin_count, name, version) =
       (SELECT count(*), coalesce((array_agg(pc.name ORDER BY pc.since, plugin_id))[1], c.name),
               coalesce((array_agg(pc.version ORDER BY pc.since, plugin_id))[1], c.version)
        FROM registry.plugin_capabilities pc JOIN registry.catalogue p USING (plugin_id)
        WHERE pc.capability_id = c.capability_id AND p.status <> 'Archived')
     WHERE capability_id = ANY($1)`,
    [ids],
  );
}

export const capabilitiesOf = async (tx: Transaction, pluginId: string): Promise<string[]> =>
  (
    await tx.query<{ capability_id: string }>(
      'SELECT capability_id FROM registry.plugin_capabilities WHERE plugin_id = $1',
      [pluginId],
    )
  ).map(({ capability_id }) => capability_id);

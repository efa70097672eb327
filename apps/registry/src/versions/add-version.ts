import { breakingIsAllowed, capabilityChanges } from '@switchyard/capabilities';
import {
  versionAdded,
  type AddVersion,
  type Capability,
  type NewVersion,
  type Warning,
} from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import { audited, newId, type EdgeCall } from '@switchyard/service';
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { keepCapabilities } from '../capabilities/keep-capabilities.js';
import { savePlugin, type PluginRow } from '../plugins/plugin.store.js';
import { fieldAt, mustBeSound, problemsOf } from './check-new-version.js';
import { latestVersion, versionBefore } from './latest-version.js';
import {
  capabilitiesAt,
  findUsedVersion,
  findVersion,
  insertVersion,
  versionsOf,
  type NewVersionRow,
  type VersionRow,
} from './version.store.js';

type Warning = z.output<typeof Warning>;

export interface AddedVersion {
  row: VersionRow;
  isNew: boolean;
  warnings: Warning[];
}

/** A version as it is kept, of what was asked for. */
export const newVersionRow = (
  pluginId: string,
  version: NewVersion,
  capabilities: Capability[],
): NewVersionRow => ({
  plugin_id: pluginId,
  semantic_version: version.semanticVersion,
  version_id: newId('ver'),
  state: version.state,
  runtime: version.runtime,
  resources: version.resources,
  binary_url: version.binaryUrl ?? null,
  checksum: version.checksum,
  configuration_schema: schemaText(version.configurationSchema ?? version.manifest?.settingsSchema),
  given_manifest: version.manifest ?? null,
  dependencies: version.dependencies,
  conflicts: version.conflicts,
  capabilities,
  release_notes: version.releaseNotes ?? null,
});

const schemaText = (schema: string | object | undefined): string | null =>
  schema === undefined ? null : typeof schema === 'string' ? schema : JSON.stringify(schema);

/** Adds a version to a plugin that is locked. The same again changes nothing. */
export async function addVersion(
  tx: Transaction,
  call: EdgeCall,
  plugin: PluginRow,
  { capabilities: given, ...version }: z.output<typeof AddVersion>,
): Promise<AddedVersion> {
  mustBeSound(problemsOf(plugin.plugin_id, version, ''));
  const known = await findVersion(tx, plugin.plugin_id, version.semanticVersion);
  if (known)
    return alreadyThere(known, newVersionRow(plugin.plugin_id, version, given ?? known.capabilities), '');
  await mustBeUnused(tx, plugin.plugin_id, version.semanticVersion);
  const others = await versionsOf(tx, plugin.plugin_id);
  const before = versionBefore(others, version.semanticVersion);
  const promised = before ? await capabilitiesAt(tx, plugin.plugin_id, before.semantic_version) : [];
  const capabilities = given ?? promised;
  const warnings = before
    ? brokenBy(
        { semantic_version: before.semantic_version, capabilities: promised },
        { ...version, capabilities },
      )
    : [];
  const row = await insertVersion(tx, newVersionRow(plugin.plugin_id, version, capabilities));
  if (!row) throw new Error('a version came to be while its plugin was locked');
  const latest = latestVersion([...others, row]) ?? row.semantic_version;
  await savePlugin(tx, plugin, { latest_version: latest, version_count: others.length + 1 });
  if (latest === row.semantic_version) await keepCapabilities(tx, plugin.plugin_id, capabilities);
  await audited(tx, call, {
    tenant: null,
    action: 'version.added',
    subject: `${plugin.plugin_id}@${row.semantic_version}`,
    details: { state: row.state, checksum: row.checksum },
  });
  await publish(tx, versionAdded, {
    tenant: null,
    key: plugin.plugin_id,
    data: { pluginId: plugin.plugin_id, version: row.semantic_version, state: row.state },
  });
  return { row, isNew: true, warnings };
}

/** A version is what it was registered as: whoever says otherwise now is told, and nothing changes. */
export function alreadyThere(known: VersionRow, asked: NewVersionRow, at: string): AddedVersion {
  const field = (name: string): string => fieldAt(at, name);
  if (known.checksum !== asked.checksum)
    throw conflict(
      `${known.plugin_id} ${known.semantic_version} exists with another checksum; a version never changes, use a new number`,
      [
        {
          field: field('checksum'),
          message: 'differs from the registered one',
          received: asked.checksum,
          allowed: known.checksum,
        },
      ],
    );
  const fields = {
    state: 'state',
    runtime: 'runtime',
    resources: 'resources',
    binary_url: 'binaryUrl',
    configuration_schema: 'configurationSchema',
    given_manifest: 'manifest',
    dependencies: 'dependencies',
    conflicts: 'conflicts',
    capabilities: 'capabilities',
    release_notes: 'releaseNotes',
  } as const;
  const warnings = (Object.keys(fields) as (keyof typeof fields)[])
    .filter((name) => !isDeepStrictEqual(plain(known[name]), plain(asked[name])))
    .map((name) => ({
      field: field(fields[name]),
      message: 'differs from what is registered and was ignored',
    }));
  return { row: known, isNew: false, warnings };
}

/** As it would come back from the database. */
const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

export async function mustBeUnused(tx: Transaction, pluginId: string, version: string): Promise<void> {
  if (await findUsedVersion(tx, pluginId, version))
    throw conflict(
      `${pluginId} ${version} was registered before and deleted; its number is never used again, use a higher one`,
    );
}

function brokenBy(
  before: Pick<VersionRow, 'semantic_version' | 'capabilities'>,
  next: { semanticVersion: string; capabilities: Capability[] },
): Warning[] {
  const broken = capabilityChanges(before.capabilities, next.capabilities)
    .filter(({ breaking }) => breaking)
    .map(({ message }) => ({ field: 'capabilities', message }));
  if (broken.length === 0 || breakingIsAllowed(before.semantic_version, next.semanticVersion)) return broken;
  throw conflict(
    `${next.semanticVersion} breaks capabilities of ${before.semantic_version}; raise the major version, or keep them`,
    broken,
  );
}

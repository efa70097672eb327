import type { Readable } from 'node:stream';
import {
  ArchiveRefusedError,
  inspectArchive,
  type ArtifactStore,
  type InspectedArchive,
  type StagedArtifact,
  type Staging,
} from '@switchyard/artifacts';
import { artifactStored } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import { audited, type EdgeCall } from '@switchyard/service';
import { checkSettingsSchema } from '@switchyard/settings-schema';
import { isDeepStrictEqual } from 'node:util';
import { readManifest } from '../manifest/read-manifest.js';
import { mustManage } from '../plugins/must-manage.js';
import { passChecks } from '../plugins/pass-checks.js';
import type { PluginRow } from '../plugins/plugin.store.js';
import type { RegistryOptions } from '../registry-options.js';
import type { NamedVersion } from '../versions/must-see-version.js';
import { findVersion, lockVersion, saveVersion, type VersionRow } from '../versions/version.store.js';
import { archiveLimits } from './archive-limits.js';
import { lockBlob, touchBlob } from './blob.store.js';

export interface UploadParts {
  database: ServiceDatabase;
  store: ArtifactStore;
  staging: Staging;
  options: RegistryOptions;
}

export interface Uploaded {
  plugin: PluginRow;
  version: VersionRow;
  isNew: boolean;
}

/** Takes the bytes of a version: staged, hashed and looked into before anybody can see them. Safe to repeat. */
export async function uploadArtifact(
  parts: UploadParts,
  call: EdgeCall,
  named: NamedVersion,
  file: Readable,
): Promise<Uploaded> {
  const { database, staging, options } = parts;
  const before = await database.withPlatform('upload an artefact', async (tx) => {
    await mustManage(tx, call, named.pluginId);
    return mustTakeBytes(await findVersion(tx, named.pluginId, named.version), named);
  });
  const staged = await staging.receive(file, { maxBytes: options.maxArtifactBytes });
  try {
    // The file took its time: who was refused meanwhile stores nothing.
    const refusal = call.recheck?.();
    if (refusal) throw refusal;
    mustBeRegistered(staged, before);
    return await keep(parts, call, named, staged, await inspected(staged));
  } finally {
    await staged.discard();
  }
}

function mustTakeBytes(row: VersionRow | undefined, { pluginId, version }: NamedVersion): VersionRow {
  if (!row) throw notFound('Version', `${pluginId}@${version}`);
  if (row.state === 'Recalled') throw conflict(`${pluginId} ${version} was recalled: it takes no artefact`);
  return row;
}

function mustBeRegistered(staged: StagedArtifact, row: VersionRow): void {
  if (staged.digest === row.checksum) return;
  throw conflict(
    `The bytes are not those that ${row.plugin_id} ${row.semantic_version} was registered with`,
    [
      {
        field: 'checksum',
        message:
          'differs from the registered one; a version never changes, register another number for other bytes',
        received: staged.digest,
        allowed: row.checksum,
      },
    ],
  );
}

async function inspected(staged: StagedArtifact): Promise<InspectedArchive> {
  try {
    return await inspectArchive(staged.path, archiveLimits);
  } catch (error) {
    if (!(error instanceof ArchiveRefusedError)) throw error;
    throw new AppError('VALIDATION_ERROR', `The archive is refused: ${error.message}`, {
      details: [
        {
          field: 'artifact',
          message: error.reason,
          ...(error.entry === undefined ? {} : { received: error.entry.slice(0, 200) }),
        },
      ],
    });
  }
}

async function keep(
  { database, store, options }: UploadParts,
  call: EdgeCall,
  named: NamedVersion,
  staged: StagedArtifact,
  archive: InspectedArchive,
): Promise<Uploaded> {
  // In this order: no collection takes bytes that were touched a moment ago, and nothing refers to bytes that are not there.
  await database.withPlatform('upload an artefact', (tx) => touchBlob(tx, staged.digest, staged.size));
  await store.keep(staged);
  return await database.withPlatform('upload an artefact', async (tx) => {
    const plugin = await mustManage(tx, call, named.pluginId);
    const row = mustTakeBytes(await lockVersion(tx, named.pluginId, named.version), named);
    if (row.artifact) return { plugin, version: row, isNew: false };
    if (!(await lockBlob(tx, staged.digest)))
      throw new AppError(
        'SERVICE_UNAVAILABLE',
        'The artefact was collected while it was stored; send it again',
        {
          retryAfter: 1,
        },
      );
    const manifest = readManifest({
      version: row.semantic_version,
      runtimeType: row.runtime.type,
      given: row.given_manifest,
      files: archive.files,
    });
    const version = await saveVersion(tx, row, {
      artifact: {
        size: staged.size,
        format: archive.format,
        entries: archive.entries,
        uploadedAt: new Date(options.clock()).toISOString(),
      },
      manifest,
      configuration_schema: settingsSchema(row, manifest),
    });
    await audited(tx, call, {
      tenant: null,
      action: 'artifact.stored',
      subject: `${row.plugin_id}@${row.semantic_version}`,
      details: { checksum: row.checksum, size: staged.size },
    });
    return { plugin: await told(tx, plugin, version, options), version, isNew: true };
  });
}

async function told(
  tx: Transaction,
  plugin: PluginRow,
  version: VersionRow,
  options: RegistryOptions,
): Promise<PluginRow> {
  const checked = await passChecks(tx, plugin, options);
  await publish(tx, artifactStored, {
    tenant: null,
    key: plugin.plugin_id,
    data: {
      pluginId: plugin.plugin_id,
      version: version.semantic_version,
      checksum: version.checksum,
      size: version.artifact?.size ?? 0,
    },
  });
  return checked;
}

/** The schema of the settings may come with the artefact, and must not be another than the registered one. */
function settingsSchema(row: VersionRow, manifest: Record<string, unknown> | null): string | null {
  const brought = manifest?.['settingsSchema'];
  if (brought === undefined) return row.configuration_schema;
  const field = 'switchyard.json.settingsSchema';
  const known =
    row.configuration_schema === null ? undefined : (JSON.parse(row.configuration_schema) as unknown);
  if (known !== undefined && !isDeepStrictEqual(known, brought))
    throw new AppError(
      'VALIDATION_ERROR',
      'The artefact brings another settings schema than was registered',
      {
        details: [{ field, message: 'contradicts configurationSchema; give one of them' }],
      },
    );
  const checked = checkSettingsSchema(brought);
  if (!checked.ok)
    throw new AppError('VALIDATION_ERROR', 'The settings schema in the artefact cannot be used', {
      details: checked.problems.map(({ path, message }) => ({ field: `${field}${path}`, message })),
    });
  return row.configuration_schema ?? JSON.stringify(brought);
}

import type { Readable } from 'node:stream';
import { ReceiveError, type ArtifactStore, type StagedArtifact, type Staging } from '@switchyard/artifacts';
import { artifactStored } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import { audited, identityOf, type EdgeCall } from '@switchyard/service';
import { latestAgain } from '../versions/latest-again.js';
import { mustManage } from '../plugins/must-manage.js';
import { passChecks } from '../plugins/pass-checks.js';
import type { PluginRow } from '../plugins/plugin.store.js';
import type { RegistryOptions } from '../registry-options.js';
import { callerOf } from '../sight/caller-of.js';
import type { UploadPlaces } from './upload-places.js';
import type { NamedVersion } from '../versions/must-see-version.js';
import { findVersion, lockVersion, saveVersion, type VersionRow } from '../versions/version.store.js';
import { lockBlob, touchBlob } from './blob.store.js';
import { inspectArtifact, type InspectedArtifact } from './inspect-artifact.js';

export interface UploadParts {
  database: ServiceDatabase;
  store: ArtifactStore;
  staging: Staging;
  options: RegistryOptions;
  places: UploadPlaces;
}

export interface Uploaded {
  plugin: PluginRow;
  version: VersionRow;
  isNew: boolean;
}

export interface UploadedFile {
  file: Readable;
  /** Unknown when it comes in chunks. */
  announcedBytes: number | undefined;
}

/** A collection in between is an accident of very short grace periods; several in a row are not to be expected. */
const attempts = 3;

/** Takes the bytes of a version: staged, hashed and looked into before anybody can see them. Safe to repeat. */
export async function uploadArtifact(
  parts: UploadParts,
  call: EdgeCall,
  named: NamedVersion,
  { file, announcedBytes }: UploadedFile,
): Promise<Uploaded> {
  const { database, staging, options, places } = parts;
  const before = await database.withPlatform('upload an artefact', async (tx) => {
    await mustManage(tx, call, named.pluginId);
    return mustTakeBytes(await findVersion(tx, named.pluginId, named.version), named);
  });
  if (announcedBytes !== undefined && announcedBytes > options.maxArtifactBytes)
    throw new ReceiveError('too-large');
  return await places.hold(callerOf(identityOf(call)), async () => {
    const staged = await staging.receive(file, { maxBytes: options.maxArtifactBytes });
    try {
      // The file took its time: who was refused meanwhile stores nothing.
      const refusal = call.recheck?.();
      if (refusal) throw refusal;
      mustBeRegistered(staged, before);
      const found = await inspectArtifact(staged, before);
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const kept = await keep(parts, call, named, staged, found);
        if (kept) return kept;
      }
      throw new AppError(
        'SERVICE_UNAVAILABLE',
        'The artefact was collected while it was stored; send it again',
        {
          retryAfter: 1,
        },
      );
    } finally {
      await staged.discard();
    }
  });
}

function mustTakeBytes(row: VersionRow | undefined, { pluginId, version }: NamedVersion): VersionRow {
  if (!row) throw notFound('Version', `${pluginId}@${version}`);
  if (row.state === 'Recalled') throw conflict(`${pluginId} ${version} was recalled: it takes no artefact`);
  return row;
}

function mustBeRegistered(staged: StagedArtifact, row: VersionRow): void {
  if (staged.size === 0)
    throw new AppError('VALIDATION_ERROR', 'The body is empty; send the bytes of the artefact', {
      details: [{ field: 'body', message: 'is empty' }],
    });
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

/** Undefined when a collection came in between. */
async function keep(
  { database, store, options }: UploadParts,
  call: EdgeCall,
  named: NamedVersion,
  staged: StagedArtifact,
  { archive, manifest, settingsSchema }: InspectedArtifact,
): Promise<Uploaded | undefined> {
  // In this order: no collection takes bytes that were touched a moment ago, and nothing refers to bytes that are not there.
  const since = await database.withPlatform('upload an artefact', (tx) =>
    touchBlob(tx, staged.digest, staged.size),
  );
  await store.keep(staged);
  return await database.withPlatform('upload an artefact', async (tx) => {
    const plugin = await mustManage(tx, call, named.pluginId);
    const row = mustTakeBytes(await lockVersion(tx, named.pluginId, named.version), named);
    if (!(await lockBlob(tx, staged.digest, since))) return undefined;
    if (row.artifact) return { plugin, version: row, isNew: false };
    const version = await saveVersion(tx, row, {
      artifact: {
        size: staged.size,
        format: archive.format,
        entries: archive.entries,
        uploadedAt: new Date(options.clock()).toISOString(),
      },
      manifest,
      configuration_schema: settingsSchema,
    });
    await audited(tx, call, {
      tenant: null,
      action: 'artifact.stored',
      subject: `${row.plugin_id}@${row.semantic_version}`,
      details: { checksum: row.checksum, size: staged.size },
    });
    const shown = await latestAgain(tx, plugin);
    return { plugin: await told(tx, shown, version, options), version, isNew: true };
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

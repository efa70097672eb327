import { isDeepStrictEqual } from 'node:util';
import {
  ArchiveRefusedError,
  inspectArchive,
  type InspectedArchive,
  type StagedArtifact,
} from '@switchyard/artifacts';
import { AppError } from '@switchyard/errors';
import { checkSettingsSchema } from '@switchyard/settings-schema';
import { readManifest } from '../manifest/read-manifest.js';
import type { VersionRow } from '../versions/version.store.js';
import { archiveLimits } from './archive-limits.js';

export interface InspectedArtifact {
  archive: InspectedArchive;
  manifest: Record<string, unknown> | null;
  settingsSchema: string | null;
}

/**
 * Looks into an archive that nobody can see yet. What it is checked against never changes about a version: bytes that
 * contradict it are not stored at all.
 */
export async function inspectArtifact(staged: StagedArtifact, row: VersionRow): Promise<InspectedArtifact> {
  const archive = await inspected(staged);
  const manifest = readManifest({
    version: row.semantic_version,
    runtimeType: row.runtime.type,
    given: row.given_manifest,
    files: archive.files,
  });
  return { archive, manifest, settingsSchema: settingsSchema(row, manifest) };
}

async function inspected(staged: StagedArtifact): Promise<InspectedArchive> {
  try {
    return await inspectArchive(staged.path, archiveLimits);
  } catch (error) {
    if (!(error instanceof ArchiveRefusedError)) throw error;
    // Its checksum is registered and can never be another: the mended one is another version.
    throw new AppError('VALIDATION_ERROR', `${error.message}; a mended archive takes a new version number`, {
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

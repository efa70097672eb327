import { notFound } from '@switchyard/errors';
import { mustSee, type Sight } from '../sight/catalogue-reader.js';
import { findVersion, type VersionRow } from './version.store.js';

export interface NamedVersion {
  pluginId: string;
  version: string;
}

export async function mustSeeVersion(sight: Sight, { pluginId, version }: NamedVersion): Promise<VersionRow> {
  const [, row] = await Promise.all([mustSee(sight, pluginId), findVersion(sight.tx, pluginId, version)]);
  if (!row) throw notFound('Version', `${pluginId}@${version}`);
  return row;
}

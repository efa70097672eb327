import type { CandidateVersion, Catalogue, InstalledVersion } from '@switchyard/dependencies';
import { placeValues, type Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { Sight } from '../sight/catalogue-reader.js';

export interface VersionFacts {
  signed: boolean;
  category: string;
}

/** Everything that resolving can come across. */
export interface World {
  catalogue: Catalogue;
  installed: readonly InstalledVersion[];
  facts: ReadonlyMap<string, VersionFacts>;
}

/** What the tenant of the transaction runs, as far as the registry was told. */
export const installedIn = (tx: Transaction, environment: string): Promise<InstalledVersion[]> =>
  tx.query(
    `SELECT plugin_id AS id, semantic_version AS version FROM registry.installations WHERE environment = $1 AND semantic_version IS NOT NULL`,
    [environment],
  );

/** More than any tenant runs; what reaches further is no graph that a person could look at. */
const mostVersions = 60_000;
const mostBytes = 16 * 1024 * 1024;

/**
 * All versions that can be reached from these plugins, of those that the caller sees, in one statement. Of a plugin that is
 * archived no version can be had anew.
 */
export async function loadWorld(
  { tx, where }: Sight,
  roots: readonly string[],
  installed: readonly InstalledVersion[],
): Promise<World> {
  const values: unknown[] = [[...roots, ...installed.map(({ id }) => id)]];
  const seen = where.map((condition) => ` AND ${placeValues(condition, values)}`).join('');
  // Only through what the caller sees: what others depend on is not theirs to make us read.
  const reached = `WITH RECURSIVE reached (plugin_id) AS (
       SELECT unnest($1::text[])
       UNION
       SELECT d->>'dependencyId' FROM reached JOIN registry.seen_plugins p USING (plugin_id) JOIN registry.versions v USING (plugin_id),
         jsonb_array_elements(v.dependencies) d WHERE d->>'type' <> 'Runtime'${seen}
     )`;
  const from = `FROM reached JOIN registry.seen_plugins p USING (plugin_id) JOIN registry.versions v USING (plugin_id) WHERE true${seen}`;
  const size = await tx.one<{ versions: number; bytes: number }>(
    `${reached} SELECT count(*)::int AS versions, coalesce(sum(octet_length(v.dependencies::text) + octet_length(v.conflicts::text)), 0)::float8 AS bytes ${from}`,
    values,
  );
  mustBeReadable(roots, size ?? { versions: 0, bytes: 0 });
  const rows = await tx.query<CandidateVersion & { plugin_id: string; signed: boolean; category: string }>(
    `${reached}
     SELECT plugin_id, p.category, v.semantic_version AS version,
       CASE WHEN p.status = 'Archived' AND v.state <> 'Recalled' THEN 'Archived' ELSE v.state END AS state, v.dependencies, v.conflicts, v.signed
     ${from} ORDER BY plugin_id, v.semantic_version`,
    values,
  );
  const catalogue: Record<string, CandidateVersion[]> = {};
  const facts = new Map<string, VersionFacts>();
  for (const { plugin_id, category, signed, ...candidate } of rows) {
    (catalogue[plugin_id] ??= []).push(candidate);
    facts.set(`${plugin_id}@${candidate.version}`, { signed, category });
  }
  return { catalogue, installed, facts };
}

function mustBeReadable(
  roots: readonly string[],
  { versions, bytes }: { versions: number; bytes: number },
): void {
  if (versions <= mostVersions && bytes <= mostBytes) return;
  throw new AppError(
    'DEPENDENCY_CONFLICT',
    `${versions} versions with ${Math.ceil(bytes / 1024)} KiB of dependencies can be reached from ${roots.join(', ')}: that is more than is resolved (${mostVersions}, ${mostBytes / 1024} KiB)`,
  );
}

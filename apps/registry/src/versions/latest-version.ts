import type { VersionState } from '@switchyard/contracts';
import semver from 'semver';
import { isOffered } from './version-state.js';

export interface KnownVersion {
  semantic_version: string;
  state: VersionState;
}

/** There is something to be had under its number, here or elsewhere. */
export const hasBytes = (version: { artifact: unknown; binary_url: unknown }): boolean =>
  version.artifact !== null || version.binary_url !== null;

type Candidate = KnownVersion & Parameters<typeof hasBytes>[0];

/**
 * The highest Stable, else the highest that is still offered, else the highest; one that only waits for its bytes stands
 * back behind all that have theirs.
 */
export function latestVersion(versions: readonly Candidate[]): string | undefined {
  const whole = versions.filter(hasBytes);
  const sorted = (whole.length > 0 ? whole : versions).toSorted((a, b) =>
    semver.rcompare(a.semantic_version, b.semantic_version),
  );
  const best =
    sorted.find(({ state }) => state === 'Stable') ??
    sorted.find(({ state }) => isOffered(state)) ??
    sorted[0];
  return best?.semantic_version;
}

/** The highest version below this one: what a new version is compared with. */
export const versionBefore = <V extends KnownVersion>(
  versions: readonly V[],
  version: string,
): V | undefined =>
  versions
    .filter(({ semantic_version }) => semver.lt(semantic_version, version))
    .toSorted((a, b) => semver.rcompare(a.semantic_version, b.semantic_version))[0];

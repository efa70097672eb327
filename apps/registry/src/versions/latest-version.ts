import type { VersionState } from '@switchyard/contracts';
import semver from 'semver';
import { isOffered } from './version-state.js';

export interface KnownVersion {
  semantic_version: string;
  state: VersionState;
}

/** The highest Stable, else the highest that is still offered, else the highest. */
export function latestVersion(versions: readonly KnownVersion[]): string | undefined {
  const sorted = versions.toSorted((a, b) => semver.rcompare(a.semantic_version, b.semantic_version));
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

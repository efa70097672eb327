import semver from 'semver';

/** Whether the new number says that something may break: a higher major, or a higher minor while the major is 0. */
export function breakingIsAllowed(fromVersion: string, toVersion: string): boolean {
  const from = semver.parse(fromVersion);
  const to = semver.parse(toVersion);
  if (from === null || to === null) return false;
  return to.major > from.major || (from.major === 0 && to.major === 0 && to.minor > from.minor);
}

import semver from 'semver';

export interface Constraint {
  /** As it was written: what messages show. */
  readonly text: string;
  readonly range: semver.Range;
}

export type ParsedConstraint =
  { readonly ok: true; readonly constraint: Constraint } | { readonly ok: false; readonly reason: string };

export const MAX_CONSTRAINT_LENGTH = 256;

const EXAMPLES = 'write for example ^1.2.0, >=1.0.0,<2.0.0 or *';

/** npm's ranges, and commas where npm has spaces. */
export function parseConstraint(text: string): ParsedConstraint {
  if (text.length > MAX_CONSTRAINT_LENGTH) {
    return refused(
      `A version range has at most ${MAX_CONSTRAINT_LENGTH} characters, this one ${text.length}`,
    );
  }
  // npm reads nothing as "any version". Here it is a forgotten field, or a `||` too many.
  if (text.trim() === '') return refused(`The version range is empty; ${EXAMPLES}`);
  const alternatives: string[] = [];
  for (const alternative of text.split('||')) {
    const parts: string[] = [];
    for (const part of alternative.split(',')) {
      if (part.trim() === '') return refused(`${quote(text)} has an empty part; ${EXAMPLES}`);
      // Each part by itself: `1.0.0 - 2.0.0, <1.5.0` is a range although npm's grammar has no room for it.
      const range = rangeOf(part);
      if (range === null) {
        const where = part.trim() === text.trim() ? '' : ` in ${quote(text)}`;
        return refused(`${quote(part.trim())}${where} is no version range; ${EXAMPLES}`);
      }
      parts.push(range.range);
    }
    alternatives.push(parts.filter((part) => part !== '').join(' ') || '*');
  }
  const range = rangeOf(alternatives.join(' || '));
  if (range === null || alternatives.every((alternative) => semver.minVersion(alternative) === null)) {
    return refused(`No version can be within ${quote(text)}: its parts contradict each other`);
  }
  return { ok: true, constraint: { text, range } };
}

/** As npm: a prerelease is within only when the range names a prerelease of the same major, minor and patch. */
export const matches = (version: string | semver.SemVer, constraint: Constraint): boolean =>
  constraint.range.test(version);

function rangeOf(text: string): semver.Range | null {
  try {
    return new semver.Range(text);
  } catch {
    return null;
  }
}

const quote = (text: string): string => JSON.stringify(text);
const refused = (reason: string): ParsedConstraint => ({ ok: false, reason });

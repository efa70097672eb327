import { RE2JS } from 're2js';
import { claimTexts } from './claim-texts.js';

type Claims = Readonly<Record<string, unknown>>;

/** Whether a token says all that a rule asks for. */
export const matchesClaims = (wanted: Readonly<Record<string, string>>, said: Claims): boolean =>
  Object.entries(wanted).every(
    ([name, pattern]) =>
      Object.hasOwn(said, name) && claimTexts(said[name]).some((text) => matchesPattern(pattern, text)),
  );

/** By RE2: whoever writes the pattern or the token must not be able to make it take long. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : RE2JS.quote(part)))
    .join('');
  return RE2JS.compile(source, RE2JS.DOTALL).matches(text);
}

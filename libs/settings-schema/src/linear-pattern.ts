import { RE2JS } from 're2js';
import { estimatePatternSize } from './estimate-pattern-size.js';

export const MAX_PATTERN_LENGTH = 1_024;
/** Of the compiled program: what one character of input may cost. */
export const MAX_PATTERN_SIZE = 2_500;

export interface LinearPattern {
  readonly size: number;
  test(text: string): boolean;
  /** What tells one from another: ajv keeps patterns by it. */
  toString(): string;
}

export type CompiledPattern =
  { readonly ok: true; readonly pattern: LinearPattern } | { readonly ok: false; readonly reason: string };

/** An ECMA-262 pattern as RE2 runs it: in time linear in the text, whatever the pattern. */
export function compilePattern(source: string): CompiledPattern {
  const name = source.length > 60 ? `${source.slice(0, 60)}…` : source;
  const refused = (reason: string): CompiledPattern => ({
    ok: false,
    reason: `The pattern ${name} ${reason}`,
  });
  if (source.length > MAX_PATTERN_LENGTH) {
    return refused(`has ${source.length} characters; at most ${MAX_PATTERN_LENGTH} are allowed`);
  }
  const unsupported = firstUnsupported(source);
  if (unsupported !== null) return refused(unsupported);
  if (!isEcmaScript(source)) return refused('is no regular expression');
  const tooLarge = `becomes more than ${MAX_PATTERN_SIZE} steps: repeat less`;
  if (estimatePatternSize(source) > MAX_PATTERN_SIZE) return refused(tooLarge);
  try {
    const regex = RE2JS.compile(RE2JS.translateRegExp(source));
    const size = regex.programSize();
    if (size > MAX_PATTERN_SIZE) return refused(tooLarge);
    return { ok: true, pattern: { size, test: (text) => regex.test(text), toString: () => source } };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return refused(
      /repeat count/.test(detail)
        ? 'repeats too often: a count is at most 1000, those inside one another multiplied'
        : `uses what RE2 has not: ${detail.replace(/^error parsing regexp: /, '')}`,
    );
  }
}

const NO_LOOKAROUND =
  'looks around, which cannot be done in linear time: write it without (?=, (?!, (?<= and (?<!';
const NO_BACKREFERENCE =
  'refers back to a group, which cannot be done in linear time: write it without \\1 and \\k';

/** What RE2 cannot do, and what it reads otherwise than ECMA-262: a pattern must mean here what it means elsewhere. */
function firstUnsupported(source: string): string | null {
  let inClass = false;
  for (let at = 0; at < source.length; at += 1) {
    const rest = source.slice(at);
    if (source[at] === '\\') {
      if (!inClass && /^\\(?:[1-9]|k<)/.test(rest)) return NO_BACKREFERENCE;
      const only = /^\\(?:[AzQECa]|[pP](?!\{))/.exec(rest)?.[0];
      if (only !== undefined) return `has ${only}, which JSON Schema's patterns do not know`;
      if (/^\\u(?:[dD][89a-fA-F]|\{[dD][89a-fA-F]..\})/.test(rest))
        return 'has half a character: write \\u{1F600} for a whole one';
      at += 1;
    } else if (inClass) {
      if (source[at] === ']') inClass = false;
      else if (rest.startsWith('[:')) return "has [:…:], which JSON Schema's patterns do not know";
    } else if (source[at] === '[') {
      inClass = true;
      // `[]` and `[^]` are whole classes; RE2 would read on.
      if (rest.startsWith('[]')) return 'has an empty class [], which never matches';
    } else if (/^\(\?(?:[=!]|<[=!])/.test(rest)) return NO_LOOKAROUND;
  }
  return null;
}

function isEcmaScript(source: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(source, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}

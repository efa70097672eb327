import fc from 'fast-check';
import { RE2JS } from 're2js';
import { estimatePatternSize } from './estimate-pattern-size.js';
import { compilePattern, MAX_PATTERN_SIZE, type LinearPattern } from './linear-pattern.js';

function compiled(source: string): LinearPattern {
  const result = compilePattern(source);
  if (!result.ok) throw new Error(result.reason);
  return result.pattern;
}
const AROUND = 'looks around, which cannot be done in linear time: write it without (?=, (?!, (?<= and (?<!';
const BACK = 'refers back to a group, which cannot be done in linear time: write it without \\1 and \\k';

const LARGE = `becomes more than ${MAX_PATTERN_SIZE} steps: repeat less`;

describe('compilePattern', () => {
  it.each([
    ['^[a-z]{3,63}$', 'shop', 'a b'],
    ['^\\w+@\\w+\\.com$', 'a@b.com', 'a@b'],
    ['colou?r', 'my colors', 'cool'],
    ['^\\u0041\\x42$', 'AB', 'ab'],
    ['^[^]$', '\n', 'ab'],
    ['^(?<year>\\d{4})-\\d\\d$', '2026-01', '26-01'],
    ['^\\p{Lu}\\p{L}*$', 'Ärger', 'ärger'],
    ['^\\/a\\-b$', '/a-b', 'a-b'],
    ['^.$', '😀', 'ab'],
    ['', 'anything', null],
  ])('%s means what it means elsewhere', (source, yes, no) => {
    expect(compiled(source).test(yes)).toBe(true);
    if (no !== null) expect(compiled(source).test(no)).toBe(false);
  });

  it.each([
    ['^(?=.*\\d).+$', AROUND],
    ['a(?!b)', AROUND],
    ['(?<=a)b', AROUND],
    ['(?<!a)b', AROUND],
    ['(a)\\1', BACK],
    ['(?<x>a)\\k<x>', BACK],
    ['a{1001}', 'repeats too often: a count is at most 1000, those inside one another multiplied'],
    ['(a{1000}){1000}', LARGE],
    ['((a{100}){100}){100}', LARGE],
    ['(abcdefghij){900}', LARGE],
    ['((?:a{2}){40}){40}', LARGE],
    ['(?:a{2}){501}', 'repeats too often: a count is at most 1000, those inside one another multiplied'],
    ['(?:' + 'abcdefgh'.repeat(5) + '){1000}', LARGE],
    ['[', 'is no regular expression'],
    ['a**', 'is no regular expression'],
    ['(', 'is no regular expression'],
    ['(?i)a', 'is no regular expression'],
    ['(?>a)', 'is no regular expression'],
    ['\\Aa\\z', "has \\A, which JSON Schema's patterns do not know"],
    ['\\pL', "has \\p, which JSON Schema's patterns do not know"],
    ['[[:alpha:]]', "has [:…:], which JSON Schema's patterns do not know"],
    ['[]', 'has an empty class [], which never matches'],
    ['\\ud83d\\ude00', 'has half a character: write \\u{1F600} for a whole one'],
    ['\\p{Script=Greek}', 'uses what RE2 has not: invalid character class range: `\\p{Script=Greek}`'],
  ])('refuses %s and says why', (source, reason) => {
    expect(compilePattern(source)).toEqual({ ok: false, reason: `The pattern ${source} ${reason}` });
  });

  it('refuses a pattern that is too long to be one', () => {
    expect(compilePattern('a'.repeat(1_025))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('1025'),
    });
  });

  /** The fastest of a few: whatever else the machine does only ever adds. */
  function cost(pattern: LinearPattern, text: string): number {
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      pattern.test(text);
      return performance.now() - start;
    });
    return Math.min(...times);
  }
  /** Steps of a backtracking engine grow with the square of this, or with its power of two. */
  const LENGTH = 100_000;

  it.each([
    ['^(a+)+$', 'a'],
    ['^(a|a)*$', 'a'],
    ['^(a|aa)+$', 'a'],
    ['(.*a){12}b', 'a'],
    ['(x+x+)+y', 'x'],
    ['^(\\w+\\s?)*$', 'ab '],
    ['(a*)*b', 'a'],
    ['\\s+$', ' x'],
    ['(.*)(.*)(.*)(.*)z', 'a'],
    ['a[ab]{400}c', 'ab'],
  ])('runs %s in time linear in the text', (source, unit) => {
    const pattern = compiled(source);
    const text = `${unit.repeat(LENGTH / unit.length)}!`;
    // The plainest pattern there is, on the same text, is the unit. What is quadratic takes LENGTH of them.
    const unitOfTime = Math.max(cost(compiled('^(?:.|\\n)*~$'), text), 1);
    expect(cost(pattern, text)).toBeLessThan((unitOfTime * LENGTH) / 100);
  });

  it('never takes a pattern for much smaller than it is', () => {
    const atom = fc.constantFrom('a', '.', '[a\\]b]', '\\d', '\\p{L}', '\\u{61}');
    const times = fc.constantFrom('', '*', '+', '{3}', '{0,2}', '{2,}', '{1,9}');
    const { source } = fc.letrec<{ source: string }>((tie) => ({
      source: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.tuple(atom, times).map((parts) => parts.join('')),
        fc.tuple(tie('source'), tie('source')).map((parts) => parts.join('')),
        fc
          .tuple(tie('source'), tie('source'), times)
          .map(([one, other, many]) => `(?:${one}|${other})${many}`),
      ),
    }));
    fc.assert(
      fc.property(source, (pattern) => {
        const size = RE2JS.compile(RE2JS.translateRegExp(pattern)).programSize();
        const estimate = estimatePatternSize(pattern);
        expect(estimate).toBeGreaterThanOrEqual((size - 4) / 4);
      }),
    );
  });

  it('agrees with ECMAScript on what both can do', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '(?:a|b)', '\\u0061', '\\.');
    const piece = fc
      .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}'))
      .map((parts) => parts.join(''));
    const source = fc
      .tuple(fc.boolean(), fc.array(piece, { maxLength: 5 }), fc.boolean())
      .map(([start, pieces, end]) => `${start ? '^' : ''}${pieces.join('')}${end ? '$' : ''}`);
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', '_'), maxLength: 8 });
    fc.assert(
      fc.property(source, text, (pattern, input) => {
        expect(compiled(pattern).test(input)).toBe(new RegExp(pattern).test(input));
      }),
    );
  });

  it('answers for any text whatever', () => {
    const characters = [...'ab01()[]{}|\\^$.*+?,-:=!<>kupPdDwWsSbBQEAzx/'];
    const noise = fc.string({ unit: fc.constantFrom(...characters), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (source) => {
        const result = compilePattern(source);
        if (result.ok) expect(typeof result.pattern.test('ab01')).toBe('boolean');
        else expect(result.reason).toMatch(/^The pattern /);
      }),
      { numRuns: 2000 },
    );
  });
});

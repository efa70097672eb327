import fc from 'fast-check';
import semver from 'semver';
import { matches, MAX_CONSTRAINT_LENGTH, parseConstraint, type Constraint } from './constraint.js';

function parsed(text: string): Constraint {
  const result = parseConstraint(text);
  if (!result.ok) throw new Error(result.reason);
  return result.constraint;
}
const within = (text: string, versions: readonly string[]) =>
  versions.filter((version) => matches(version, parsed(text)));

const some = ['0.9.0', '1.0.0', '1.2.3', '1.9.9', '2.0.0-rc.1', '2.0.0', '3.1.0', '3.1.0-a'];

describe('parseConstraint', () => {
  it.each([
    ['*', ['0.9.0', '1.0.0', '1.2.3', '1.9.9', '2.0.0', '3.1.0']],
    ['1.2.3', ['1.2.3']],
    ['v1.2.3', ['1.2.3']],
    ['=1.2.3', ['1.2.3']],
    ['1', ['1.0.0', '1.2.3', '1.9.9']],
    ['1.x', ['1.0.0', '1.2.3', '1.9.9']],
    ['~1.2.0', ['1.2.3']],
    ['^1.2.0', ['1.2.3', '1.9.9']],
    ['^0.9.0', ['0.9.0']],
    ['>=1.0.0 <2.0.0', ['1.0.0', '1.2.3', '1.9.9']],
    ['>=1.0.0,<2.0.0', ['1.0.0', '1.2.3', '1.9.9']],
    [' >= 1.0.0 ,  < 2.0.0 ', ['1.0.0', '1.2.3', '1.9.9']],
    ['>=1.0.0 <3, <2.0.0', ['1.0.0', '1.2.3', '1.9.9']],
    ['*,>=3', ['3.1.0']],
    ['*,*', ['0.9.0', '1.0.0', '1.2.3', '1.9.9', '2.0.0', '3.1.0']],
    ['1.0.0 - 1.2.3', ['1.0.0', '1.2.3']],
    ['1.0.0 - 2.0.0, <1.5.0', ['1.0.0', '1.2.3']],
    ['<1 || >=3', ['0.9.0', '3.1.0']],
    ['>=1.0.0,<1.2.0 || >=2,<3', ['1.0.0', '2.0.0']],
    ['<1||^1.2,<1.9||3.1.0', ['0.9.0', '1.2.3', '3.1.0']],
    ['>=2.0.0-0', ['2.0.0-rc.1', '2.0.0', '3.1.0']],
    ['>=2.0.0-0,<3.0.0', ['2.0.0-rc.1', '2.0.0']],
    ['2.0.0-rc.1', ['2.0.0-rc.1']],
    ['>=1.0.0 || 3.1.0-a', ['1.0.0', '1.2.3', '1.9.9', '2.0.0', '3.1.0', '3.1.0-a']],
  ])('reads %s', (text, expected) => {
    expect(within(text, some)).toEqual(expected);
  });

  const examples = 'write for example ^1.2.0, >=1.0.0,<2.0.0 or *';
  it.each([
    ['', `The version range is empty; ${examples}`],
    ['   ', `The version range is empty; ${examples}`],
    [',', `"," has an empty part; ${examples}`],
    ['>=1.0.0,', `">=1.0.0," has an empty part; ${examples}`],
    ['>=1.0.0,,<2.0.0', `">=1.0.0,,<2.0.0" has an empty part; ${examples}`],
    ['^1 ||', `"^1 ||" has an empty part; ${examples}`],
    ['latest', `"latest" is no version range; ${examples}`],
    ['>=1.0.0,newest', `"newest" in ">=1.0.0,newest" is no version range; ${examples}`],
    ['!=1.0.0', `"!=1.0.0" is no version range; ${examples}`],
    ['1.0.0.0', `"1.0.0.0" is no version range; ${examples}`],
    ['[1.0,2.0)', `"[1.0" in "[1.0,2.0)" is no version range; ${examples}`],
    ['git+https://example.com/x.git', `"git+https://example.com/x.git" is no version range; ${examples}`],
    ['>2.0.0,<1.0.0', 'No version can be within ">2.0.0,<1.0.0": its parts contradict each other'],
    ['1'.repeat(257), 'A version range has at most 256 characters, this one 257'],
  ])('refuses %j and says why', (text, reason) => {
    expect(parseConstraint(text)).toEqual({ ok: false, reason });
  });

  const comparator = fc
    .tuple(
      fc.constantFrom('', '=', '>', '>=', '<', '<=', '^', '~'),
      fc.constantFrom('0.9.0', '1.0.0', '1.2.3', '2.0.0-rc.1', '2.0.0', '1', '1.x', '2.0'),
    )
    .map((parts) => parts.join(''));

  it('means with commas what npm means with spaces', () => {
    const sets = fc.array(fc.array(comparator, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(sets, fc.constantFrom(',', ' , ', ', '), (parts, comma) => {
        const commas = parts.map((set) => set.join(comma)).join(' || ');
        const spaces = parts.map((set) => set.join(' ')).join(' || ');
        const result = parseConstraint(commas);
        const expected = some.filter((version) => semver.satisfies(version, spaces));
        if (result.ok) expect(within(commas, some)).toEqual(expected);
        else expect(expected).toEqual([]);
      }),
    );
  });

  it('answers for any text whatever, and never for a longer one than it allows', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary' })), (text) => {
        const result = parseConstraint(text);
        if (result.ok) expect(text.length).toBeLessThanOrEqual(MAX_CONSTRAINT_LENGTH);
        else expect(result.reason).not.toBe('');
      }),
    );
  });
});

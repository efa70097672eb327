import fc from 'fast-check';
import { matchesClaims, matchesPattern } from './matches-claims.js';

test.each([
  ['acme/stripe', 'acme/stripe', true],
  ['acme/stripe', 'acme/Stripe', false],
  ['acme/stripe', 'acme/stripe2', false],
  ['acme/stripe', 'evil/acme/stripe', false],
  ['acme/*', 'acme/stripe', true],
  ['acme/*', 'acme/', true],
  ['acme/*', 'acme', false],
  ['acme/*', 'acme/stripe/fork', false],
  ['acme/**', 'acme/stripe/fork', true],
  ['acme/*-plugin', 'acme/stripe-plugin', true],
  ['acme/*-plugin', 'acme/x/stripe-plugin', false],
  ['refs/heads/*', 'refs/heads/main', true],
  ['refs/heads/*', 'refs/heads/feature/x', false],
  ['refs/heads/**', 'refs/heads/feature/x', true],
  ['refs/tags/v*.*', 'refs/tags/v1.2', true],
  ['repo:acme/stripe:**', 'repo:acme/stripe:ref:refs/heads/main', true],
  ['repo:acme/stripe:**', 'repo:acme/stripes:ref:refs/heads/main', false],
  ['a.c', 'abc', false],
  ['a.*', 'abc', false],
  ['(a|b)*', 'a', false],
  ['(a|b)*', '(a|b)', true],
  ['[ab]+$^\\d*', '[ab]+$^\\d', true],
  ['acme/*', 'acme/a\nb', true],
  ['acme/*', 'x\nacme/a', false],
  ['**', '', true],
  ['***', 'a/b', true],
])('the pattern %j for %j: %j', (pattern, text, fits) => {
  expect(matchesPattern(pattern, text)).toBe(fits);
});

test('a pattern full of wildcards takes no longer for a text that nearly fits', () => {
  const started = performance.now();
  expect(matchesPattern('a*'.repeat(200), `${'a'.repeat(10_000)}b/`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('without a wildcard a pattern means itself and nothing else', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('*'));
  fc.assert(fc.property(word, word, (a, b) => matchesPattern(a, b) === (a === b)));
});

test('whatever stands for the wildcard, the text around it has to be there', () => {
  const word = fc.string().filter((text) => !/[*/]/.test(text));
  fc.assert(fc.property(word, word, word, (a, b, between) => matchesPattern(`${a}*${b}`, a + between + b)));
});

const said = {
  repository: 'acme/stripe',
  groups: ['dev', 'ops'],
  run: 42,
  large: JSON.parse('12345678901234567890') as unknown,
  protected: true,
  nested: { repository: 'acme/stripe' },
  nothing: null,
  lists: [['dev']],
};

test.each<[string, Record<string, string>, boolean]>([
  ['every claim fits', { repository: 'acme/*', run: '42' }, true],
  ['one claim does not', { repository: 'acme/*', run: '43' }, false],
  ['one claim is missing', { repository: 'acme/*', ref: '**' }, false],
  ['an element of a list fits', { groups: 'ops' }, true],
  ['no element of a list fits', { groups: 'admin' }, false],
  ['a list is not its text', { groups: 'dev,ops' }, false],
  ['a list in a list is nothing', { lists: '**' }, false],
  ['a number is compared as text', { run: '4*' }, true],
  ['a number that was not read exactly is nothing', { large: '**' }, false],
  ['a boolean is compared as text', { protected: 'true' }, true],
  ['an object is nothing', { nested: '**' }, false],
  ['null is nothing', { nothing: '**' }, false],
  ['what every object has is no claim', { toString: '**', constructor: '**' }, false],
])('%s', (_case, wanted, fits) => {
  expect(matchesClaims(wanted, said)).toBe(fits);
});

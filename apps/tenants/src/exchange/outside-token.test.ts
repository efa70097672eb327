import { ExchangeRefused, withTimes } from './outside-token.js';

const now = 1_764_000_000;
const outcome = (claims: object): string => {
  try {
    withTimes({ iat: now, exp: now + 600, ...claims }, now);
    return 'good';
  } catch (error) {
    return error instanceof ExchangeRefused ? error.check : String(error);
  }
};

test.each<[string, object, string]>([
  ['a token of now', {}, 'good'],
  ['one that ended 59 seconds ago', { iat: now - 600, exp: now - 59 }, 'good'],
  ['one that ended a minute ago', { iat: now - 600, exp: now - 60 }, 'expired'],
  ['one that begins in a minute', { iat: now + 60 }, 'good'],
  ['one that begins later', { iat: now + 61 }, 'not-yet-valid'],
  ['one that counts in a minute', { nbf: now + 60 }, 'good'],
  ['one that counts later', { nbf: now + 61 }, 'not-yet-valid'],
  ['one that lives a day', { exp: now + 86_400 }, 'good'],
  ['one that lives longer', { exp: now + 86_401 }, 'lifetime'],
  ['one that ends as it begins', { exp: now }, 'lifetime'],
  ['one without an end', { exp: undefined }, 'times'],
  ['one without a beginning', { iat: undefined }, 'times'],
  ['one that ends never', { exp: Infinity }, 'times'],
  ['one that begins at no time', { iat: NaN }, 'times'],
  ['one whose end is text', { exp: String(now + 600) }, 'times'],
  ['one that counts from null on', { nbf: null }, 'times'],
])('%s: %s', (_what, claims, result) => {
  expect(outcome(claims)).toBe(result);
});

test('a clock that is out of order lets nothing in', () => {
  expect(() => withTimes({ iat: now, exp: now + 600 }, NaN)).toThrow(ExchangeRefused);
});

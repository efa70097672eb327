import fc from 'fast-check';
import { editDistance, isSpelledAlike } from './spelled-alike.js';

describe('words that are spelled alike', () => {
  it.each([
    ['strpe', 'stripe', true],
    ['stirpe', 'stripe', true],
    ['paymnt', 'payment', true],
    ['athentication', 'authentication', true],
    ['procesor', 'processor', true],
    ['uber', 'über', true],
    ['ledgre', 'ledger', true],
    ['banana', 'bandana', true],
    ['pay', 'payment', false],
    ['pat', 'pay', false],
    ['paypal', 'payment', false],
    ['orange', 'apple', false],
    ['', 'apple', false],
  ])('%j and %j: %s', (written, known, expected) => {
    expect(isSpelledAlike(written, known)).toBe(expected);
  });

  it('are as far apart one way as the other, not at all when equal, and one apart after one slip', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ä'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b, 20)).toBe(editDistance(b, a, 20));
        expect(editDistance(a, a, 20)).toBe(0);
        expect(editDistance(a, `${a}z`, 20)).toBe(1);
        if (a !== b) expect(editDistance(a, b, 20)).toBeGreaterThan(0);
        expect(editDistance(a, b, 1) <= 1).toBe(editDistance(a, b, 20) <= 1);
      }),
    );
  });
});

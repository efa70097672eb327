import fc from 'fast-check';
import { editDistance, isSpelledAlike } from './spelled-alike.js';

describe('words that are spelled alike', () => {
  it.each([
    ['strpe', 'Stripe Payment Processor', true],
    ['stirpe', 'Stripe Payment Processor', true],
    ['paymnt', 'Payment', true],
    ['athentication', 'Authentication by E-Mail', true],
    ['procesor payement', 'Stripe Payment Processor', true],
    ['pay', 'Payment', true],
    ['pat', 'Payment', false],
    ['stripe paypal', 'Stripe Payment Processor', false],
    ['uber', 'Über-Rechnung', true],
    ['ledgre', 'Ledger', true],
    ['banana', 'Bandana', true],
    ['orange', 'Apple', false],
    ['', 'Apple', false],
    ['!!!', 'Apple', false],
  ])('%j in %j: %s', (query, text, expected) => {
    expect(isSpelledAlike(query, text)).toBe(expected);
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

import { budgetKey } from './budget-key.js';

const keyOf = (key: string, windowSeconds = 60) => budgetKey({ key, limit: 1, windowSeconds });

describe('the key of a budget', () => {
  it('is what it is called, for windows of one length', () => {
    expect(keyOf('tenant:acme')).toBe('60:tenant:acme');
    expect(keyOf('tenant:acme', 3_600)).not.toBe(keyOf('tenant:acme'));
  });

  it('is short and plain, and still its own, for names that are neither', () => {
    const odd = ['a'.repeat(201), 'a'.repeat(5_000), 'a\0', 'a\n', 'ä', ''];
    expect(new Set(odd.map((key) => keyOf(key))).size).toBe(odd.length);
    for (const key of odd) expect(keyOf(key)).toMatch(/^60:#[\w-]{43}$/);
  });
});

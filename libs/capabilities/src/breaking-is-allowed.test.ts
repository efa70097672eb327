import { breakingIsAllowed } from './breaking-is-allowed.js';

describe('breakingIsAllowed', () => {
  it.each([
    ['1.0.0', '2.0.0', true],
    ['1.9.9', '3.0.0', true],
    ['1.0.0', '2.0.0-rc.1', true],
    ['0.9.0', '1.0.0', true],
    ['0.1.0', '0.2.0', true],
    ['0.1.9', '0.2.0-beta', true],
    ['0.1.0', '0.1.1', false],
    ['0.0.1', '0.0.2', false],
    ['1.0.0', '1.1.0', false],
    ['1.0.0', '1.0.1', false],
    ['1.0.0', '1.0.0', false],
    ['2.0.0-rc.1', '2.0.0', false],
    ['2.0.0', '1.0.0', false],
    ['1.0.0', '0.9.0', false],
    ['0.2.0', '0.1.0', false],
    ['one', '2.0.0', false],
    ['1.0.0', 'two', false],
  ])('from %s to %s: %s', (from, to, expected) => {
    expect(breakingIsAllowed(from, to)).toBe(expected);
  });
});

import { storableJson, storableText } from './storable.js';

describe('what PostgreSQL can store', () => {
  it.each([
    ['plain é 😀', 'plain é 😀'],
    ['a\0b', 'a\uFFFDb'],
    ['\uD83D', '\uFFFD'],
    ['\uDE00 \uD83D\uDE00', '\uFFFD \uD83D\uDE00'],
  ])('text %j becomes %j', (text, stored) => {
    expect(storableText(text, 20)).toBe(stored);
    expect(JSON.parse(storableJson({ [text]: [text] }))).toEqual({ [stored]: [stored] });
  });

  it('is cut where it is too long, and says so', () => {
    expect(storableText('abcde', 5)).toBe('abcde');
    expect(storableText('abcdef', 5)).toBe('abcd…');
    expect(storableText('abc\u{1F600}ef', 5)).toBe('abc\uFFFD…');
  });

  it('leaves a backslash alone that only looks like an escape', () => {
    expect(JSON.parse(storableJson(['\\u0000', '\\\\ud800', '\n']))).toEqual(['\\u0000', '\\\\ud800', '\n']);
  });
});

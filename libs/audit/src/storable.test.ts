import { storableJson, storableText } from './storable.js';

describe('what PostgreSQL can store', () => {
  it.each([
    ['plain é 😀', 'plain é 😀'],
    ['a\0b', 'a\uFFFDb'],
    ['\uD83D', '\uFFFD'],
    ['\uDE00 \uD83D\uDE00', '\uFFFD \uD83D\uDE00'],
  ])('text %j becomes %j', (text, stored) => {
    expect(storableText(text)).toBe(stored);
    expect(JSON.parse(storableJson({ [text]: [text] }))).toEqual({ [stored]: [stored] });
  });

  it('leaves a backslash alone that only looks like an escape', () => {
    expect(JSON.parse(storableJson(['\\u0000', '\\\\ud800', '\n']))).toEqual(['\\u0000', '\\\\ud800', '\n']);
  });
});

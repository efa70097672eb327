import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it.each([
    ['{"b": 1, "a": {"d": [], "c": null}}', '{"a":{"c":null,"d":[]},"b":1}'],
    ['{"é": 1, "z": 2, "Z": 3, "": 4}', '{"":4,"Z":3,"z":2,"é":1}'],
    [
      '{"n": [12345678901234567891, 1.10, -0.0000001, 1e5]}',
      '{"n":[12345678901234567891,1.10,-0.0000001,1e5]}',
    ],
    ['{"t": "12", "u": "a \\"1\\" \\\\ 2"}', '{"t":"12","u":"a \\"1\\" \\\\ 2"}'],
    ['{"__proto__": {"x": 1}, "10": 1, "9": 2}', '{"10":1,"9":2,"__proto__":{"x":1}}'],
    ['{"t": true, "f": false}', '{"f":false,"t":true}'],
  ])('of %s is %s', (jsonb, canonical) => {
    expect(canonicalJson(jsonb)).toBe(canonical);
  });

  it('means the same as what it was made of, and is a fixed point', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(canonicalJson(text))).toEqual(JSON.parse(text));
        expect(canonicalJson(canonicalJson(text))).toBe(canonicalJson(text));
      }),
    );
  });
});

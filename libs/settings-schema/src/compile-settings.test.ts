import fc from 'fast-check';
import { compileSettings } from './compile-settings.js';

const said = (schema: object, value: unknown) =>
  compileSettings(schema as Record<string, unknown>)(value).map(({ path, message }) => `${path}: ${message}`);

describe('compileSettings', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['apiKey', 'mode'],
    properties: {
      apiKey: { type: 'string', secret: true, pattern: '^sk_' },
      mode: { enum: ['live', 'test'] },
      url: { type: 'string', format: 'uri' },
      link: { type: 'string', format: 'url' },
      tags: { type: 'array', uniqueItems: true, items: { type: ['string', 'object'] } },
    },
  };

  it.each<[string, unknown, string[]]>([
    [
      'all is well',
      { apiKey: 'sk_1', mode: 'live', url: 'https://example.com/', link: 'https://example.com' },
      [],
    ],
    [
      'every problem at once',
      { mode: 'off', url: 'no', link: 'x', extra: 1 },
      [
        '/apiKey: is required',
        '/extra: is no setting of this plugin',
        '/mode: must be one of ["live","test"]',
        '/url: must match format "uri"',
        '/link: must match format "url"',
      ],
    ],
    ['a pattern', { apiKey: 'hunter2', mode: 'live' }, ['/apiKey: must match pattern "^sk_"']],
    ['what is not even an object', 'text', [': must be object']],
    [
      'equal objects, however they are written',
      {
        apiKey: 'sk_',
        mode: 'live',
        tags: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      ['/tags: must NOT have duplicate items'],
    ],
    ['different items', { apiKey: 'sk_', mode: 'live', tags: [{ a: 1 }, { a: '1' }, '1'] }, []],
  ])('%s', (_sentence, value, expected) => {
    expect(said(schema, value)).toEqual(expected);
  });

  it('never repeats a value: it may be a secret', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 12 }).filter((text) => !text.startsWith('sk_')),
        (secret) => {
          expect(said(schema, { apiKey: `${secret}#`, mode: `${secret}#` }).join('')).not.toContain(
            `${secret}#`,
          );
        },
      ),
    );
  });

  it('uses each pattern for its own property', () => {
    const two = {
      properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } },
      patternProperties: { '^x': { type: 'null' } },
    };
    expect(said(two, { a: 'a', b: 'b', x1: null })).toEqual([]);
    expect(said(two, { a: 'b', b: 'a', x1: 1 })).toHaveLength(3);
  });

  it('refuses a schema that was not checked', () => {
    expect(() => compileSettings({ $ref: 'https://example.com' })).toThrow(/was not checked: \/\$ref/);
  });

  it('refuses a value that is nested deeper than any schema', () => {
    const value = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as unknown;
    expect(said({ type: 'object' }, value)).toEqual([': is nested deeper than 64']);
  });

  it('tells at most a hundred problems, and few of a large value', () => {
    const numbers = { properties: { list: { items: { anyOf: [{ type: 'string' }, { type: 'null' }] } } } };
    expect(said(numbers, { list: Array.from({ length: 90 }, () => 1) })).toHaveLength(100);
    expect(said(numbers, { list: Array.from({ length: 50_000 }, () => 1) }).length).toBeLessThan(10);
  });

  /** How often the validator looks at an item: a count, so that no clock is asked. */
  it('looks at the items of a list of unique ones as often as there are items', () => {
    const validate = compileSettings({ properties: { list: { uniqueItems: true } } });
    const looks = (count: number) => {
      let seen = 0;
      const items = Array.from({ length: count }, (_, at) => ({
        get a() {
          seen += 1;
          return at;
        },
      }));
      expect(validate({ list: items })).toEqual([]);
      return seen;
    };
    expect(looks(4_000)).toBe(looks(1_000) * 4);
  });

  const formats = [
    'date',
    'date-time',
    'duration',
    'uri',
    'uri-reference',
    'uri-template',
    'url',
    'email',
    'hostname',
    'ipv6',
    'regex',
    'json-pointer',
    'byte',
    'password',
  ];
  it.each(formats)('checks no text of any length for the format %s', (format) => {
    const validate = compileSettings({ properties: { text: { format } } });
    for (const unit of ['a', ':', '/', 'http://', 'a-', '@', '%20', '1:'])
      expect(validate({ text: unit.repeat(100_000) }).length).toBe(format === 'password' ? 0 : 1);
  });
});

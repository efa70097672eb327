import fc from 'fast-check';
import { checkSettingsSchema } from './check-settings-schema.js';
import { compileSettings } from './compile-settings.js';

const problems = (source: unknown) => {
  const checked = checkSettingsSchema(source);
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path}: ${message}`);
};
const nested = (levels: number): object =>
  levels === 0 ? { type: 'string' } : { properties: { a: nested(levels - 1) } };
const many = (count: number, schema: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, schema]));

describe('checkSettingsSchema', () => {
  it('takes the text of a registration and says which draft it is and what is secret', () => {
    const schema = {
      type: 'object',
      required: ['apiKey'],
      properties: {
        apiKey: { type: 'string', secret: true, minLength: 8 },
        retries: { type: 'integer', minimum: 0, default: 3 },
        hosts: { type: 'array', items: { $ref: '#/$defs/host' } },
        byTenant: { additionalProperties: { anyOf: [{ $ref: '#/$defs/host' }, { type: 'null' }] } },
        'a/b~c': { type: 'string', secret: true },
      },
      patternProperties: { '^x-': { type: 'string', secret: true } },
      $defs: {
        host: {
          type: 'object',
          properties: { name: { type: 'string' }, password: { type: 'string', secret: true } },
        },
        unused: { type: 'string', secret: true },
      },
    };
    expect(checkSettingsSchema(JSON.stringify(schema))).toEqual({
      ok: true,
      schema,
      draft: '2020-12',
      secretPaths: ['/*', '/apiKey', '/a~1b~0c', '/byTenant/*/password', '/hosts/*/password'],
    });
  });

  it.each([
    [{}, '2020-12'],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema' }, '2020-12'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, '07'],
    [
      { $schema: 'http://json-schema.org/draft-07/schema', items: [{ type: 'string' }], definitions: {} },
      '07',
    ],
    [
      { $id: 'https://example.com/settings.json', $ref: '#/$defs/all', $defs: { all: { type: 'object' } } },
      '2020-12',
    ],
    [
      { type: ['null', 'object'], 'x-order': 1, properties: { a: { format: 'of-ours', unknown: true } } },
      '2020-12',
    ],
    [
      {
        properties: {
          $ref: { type: 'string' },
          id: { type: 'string' },
          not: { type: 'string', secret: true },
        },
      },
      '2020-12',
    ],
    [nested(15), '2020-12'],
    [{ properties: many(999, {}) }, '2020-12'],
  ])('takes %j', (schema, draft) => {
    expect(checkSettingsSchema(schema)).toMatchObject({ ok: true, draft });
    expect(() => compileSettings(schema)).not.toThrow();
  });

  it.each<[string, unknown, string[]]>([
    ['no JSON', '{', [': It is not JSON']],
    ['nothing', undefined, [': It is not JSON']],
    ['a list', '[]', [': It is not a JSON object']],
    ['true', 'true', [': It is not a JSON object']],
    [
      'another draft',
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      ['/$schema: The draft is 2020-12 or draft-07 of json-schema.org'],
    ],
    ['too much', { description: 'x'.repeat(65_536) }, [': It has 65554 bytes; at most 65536 are allowed']],
    ['too deep', nested(16), [': Its subschemas are nested deeper than 16']],
    [
      'too deep in a default',
      { default: JSON.parse('['.repeat(70) + ']'.repeat(70)) },
      [': It is nested deeper than 64'],
    ],
    ['too many', { properties: many(1_000, {}) }, [': It has more than 1000 subschemas']],
    [
      'a wrong keyword',
      { type: 'obj', required: 'a' },
      [
        '/type: must be equal to one of the allowed values',
        '/type: must be array',
        '/type: must match a schema in anyOf',
        '/required: must be array',
      ],
    ],
    ['no object', { type: 'string' }, [': Settings are an object, and this describes none']],
    [
      'no object behind a reference',
      { $ref: '#/$defs/a', $defs: { a: { type: 'array' } } },
      [': Settings are an object, and this describes none'],
    ],
    [
      'no object in any alternative',
      { anyOf: [{ const: 1 }, { enum: [1, 'a'] }, false] },
      [': Settings are an object, and this describes none'],
    ],
    [
      'a remote reference',
      { properties: { a: { $ref: 'https://example.com/s.json' } } },
      [
        '/properties/a/$ref: https://example.com/s.json is outside of this schema: only pointers into it, such as #/$defs/name, are followed',
      ],
    ],
    [
      'a reference by name',
      { properties: { a: { $ref: '#host' } } },
      ['/properties/a/$ref: #host is no subschema of this schema'],
    ],
    ['a reference to nothing', { $ref: '#/$defs/a' }, ['/$ref: #/$defs/a is no subschema of this schema']],
    [
      'a reference into an example',
      { $ref: '#/examples/0', examples: [{ type: 'string' }] },
      ['/$ref: #/examples/0 is no subschema of this schema'],
    ],
    ['itself', { $ref: '#' }, ['/$ref: # leads back to itself: a reference must come to an end']],
    [
      'a circle',
      { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } } },
      ['/$defs/b/$ref: #/$defs/a leads back to itself: a reference must come to an end'],
    ],
    [
      'a tree',
      { properties: { child: { $ref: '#' } } },
      ['/properties/child/$ref: # leads back to itself: a reference must come to an end'],
    ],
    [
      'references that double',
      {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          Array.from({ length: 40 }, (_, at) => [
            `d${at}`,
            at === 39 ? {} : { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
          ]),
        ),
      },
      [': With its references followed it has more than 5000 subschemas'],
    ],
    [
      'another name',
      { properties: { a: { $id: 'https://example.com/b' } } },
      ['/properties/a/$id: $id is not supported: refer by a pointer such as #/$defs/name'],
    ],
    [
      'an anchor',
      { $defs: { a: { $anchor: 'x', $dynamicAnchor: 'y' } }, $dynamicRef: '#y' },
      [
        '/$dynamicRef: $dynamicRef is not supported: refer by a pointer such as #/$defs/name',
        '/$defs/a/$anchor: $anchor is not supported: refer by a pointer such as #/$defs/name',
        '/$defs/a/$dynamicAnchor: $dynamicAnchor is not supported: refer by a pointer such as #/$defs/name',
      ],
    ],
    ['asynchronous', { $async: true }, ['/$async: $async is not supported']],
    [
      'a secret number',
      { properties: { pin: { type: 'integer', secret: true } } },
      ['/properties/pin/secret: Only a text can be secret: "type": "string" has to stand beside it'],
    ],
    [
      'a secret of its own kind',
      { properties: { pin: { type: 'string', secret: 'yes' } } },
      ['/properties/pin/secret: secret is true or false'],
    ],
    [
      'a secret condition',
      { if: { properties: { a: { type: 'string', secret: true } } } },
      ['/if/properties/a/secret: secret has no effect where only a condition is checked'],
    ],
    [
      'a pattern that looks ahead',
      { properties: { a: { pattern: '(?=a)' } } },
      [
        '/properties/a/pattern: The pattern (?=a) looks around, which cannot be done in linear time: write it without (?=, (?!, (?<= and (?<!',
      ],
    ],
    [
      'a pattern of names',
      { patternProperties: { '(a)\\1': {} } },
      [
        '/patternProperties/(a)\\1: The pattern (a)\\1 refers back to a group, which cannot be done in linear time: write it without \\1 and \\k',
      ],
    ],
    [
      'too many patterns',
      { properties: many(20, { pattern: '^[a-z]{1,400}$' }) },
      [': Its patterns become more than 10000 steps together'],
    ],
    [
      'a name that objects have',
      '{"properties":{"__proto__":{"type":"string"}}}',
      ['/properties/__proto__: A setting cannot be called __proto__'],
    ],
  ])('refuses %s', (_what, source, expected) => {
    expect(problems(source)).toEqual(expected);
  });

  it('refuses what JSON cannot say', () => {
    const around: Record<string, unknown> = {};
    around['properties'] = { around };
    expect(problems(around)).toEqual([': It is not JSON']);
    expect(problems('['.repeat(60_000))).toEqual([': It is not JSON']);
  });

  it('answers for any JSON, and compiles whatever it takes', () => {
    const keyword = fc.constantFrom(
      'type',
      'properties',
      'items',
      '$ref',
      '$defs',
      'anyOf',
      'not',
      'pattern',
      'enum',
      'secret',
      'required',
      'format',
      '$id',
      'uniqueItems',
      'patternProperties',
      'nullable',
      'dependencies',
    );
    const leaf = fc.constantFrom<unknown>(
      'object',
      'string',
      true,
      false,
      1,
      null,
      '#',
      '#/$defs/type',
      '(a+)+$',
      [],
      {},
      ['object'],
      'url',
    );
    const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.dictionary(keyword, tie('schema'), { maxKeys: 4 }),
        fc.array(tie('schema'), { maxLength: 2 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(keyword, schema, { maxKeys: 4 }), fc.jsonValue(), (source, value) => {
        const checked = checkSettingsSchema(source);
        if (checked.ok) expect(Array.isArray(compileSettings(checked.schema)(value))).toBe(true);
        else expect(checked.problems).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

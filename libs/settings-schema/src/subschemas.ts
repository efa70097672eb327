export type SchemaObject = Readonly<Record<string, unknown>>;

export interface Subschema {
  readonly schema: SchemaObject | boolean;
  /** A JSON Pointer. */
  readonly path: string;
  /** What it says about the value: the same, a part of it, nothing yet (a definition), or only whether something holds. */
  readonly about: 'same' | 'part' | 'definition' | 'test';
  /** The part of the value, `*` where it has no fixed name. */
  readonly part?: string;
}

type Shape = 'one' | 'list' | 'map' | 'one-or-list';

const KEYWORDS: Readonly<Record<string, { shape: Shape; about: Subschema['about'] }>> = {
  allOf: { shape: 'list', about: 'same' },
  anyOf: { shape: 'list', about: 'same' },
  oneOf: { shape: 'list', about: 'same' },
  then: { shape: 'one', about: 'same' },
  else: { shape: 'one', about: 'same' },
  dependentSchemas: { shape: 'map', about: 'same' },
  dependencies: { shape: 'map', about: 'same' },
  not: { shape: 'one', about: 'test' },
  if: { shape: 'one', about: 'test' },
  propertyNames: { shape: 'one', about: 'test' },
  contentSchema: { shape: 'one', about: 'test' },
  properties: { shape: 'map', about: 'part' },
  patternProperties: { shape: 'map', about: 'part' },
  additionalProperties: { shape: 'one', about: 'part' },
  unevaluatedProperties: { shape: 'one', about: 'part' },
  items: { shape: 'one-or-list', about: 'part' },
  prefixItems: { shape: 'list', about: 'part' },
  additionalItems: { shape: 'one', about: 'part' },
  unevaluatedItems: { shape: 'one', about: 'part' },
  contains: { shape: 'one', about: 'part' },
  $defs: { shape: 'map', about: 'definition' },
  definitions: { shape: 'map', about: 'definition' },
};

/** Those directly inside, by what the keywords of draft-07 and 2020-12 mean; other keywords hold no schemas. */
export function directSubschemas(schema: SchemaObject, path: string): Subschema[] {
  const found: Subschema[] = [];
  for (const [keyword, { shape, about }] of Object.entries(KEYWORDS)) {
    if (!Object.hasOwn(schema, keyword)) continue;
    const value = schema[keyword];
    const here = `${path}/${keyword}`;
    const add = (each: unknown, at: string, part: string) => {
      if (isSchema(each))
        found.push({ schema: each, path: at, about, ...(about === 'part' ? { part } : {}) });
    };
    if (Array.isArray(value) && shape !== 'map') {
      for (const [at, each] of value.entries()) add(each, `${here}/${at}`, '*');
    } else if (shape === 'map' && isObject(value)) {
      for (const [name, each] of Object.entries(value)) {
        const step = escaped(name);
        add(each, `${here}/${step}`, keyword === 'properties' ? step : '*');
      }
    } else add(value, here, '*');
  }
  return found;
}

export const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isSchema = (value: unknown): value is SchemaObject | boolean =>
  typeof value === 'boolean' || isObject(value);

export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

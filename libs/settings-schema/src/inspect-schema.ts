import { collectSubschemas } from './collect-subschemas.js';
import { compilePattern } from './linear-pattern.js';
import { mayBeObject } from './may-be-object.js';
import { measureJson } from './measure-json.js';
import { checkReferences } from './references.js';
import { secretPaths, secretProblems } from './secret-paths.js';
import { compilable, settingsAjv, type Draft } from './settings-ajv.js';
import type { SettingsProblem } from './settings-problem.js';
import { escaped, isObject, type SchemaObject, type Subschema } from './subschemas.js';

export type InspectedSchema =
  | {
      readonly ok: true;
      readonly schema: SchemaObject;
      readonly draft: Draft;
      /** JSON Pointers into the settings, with `*` for any name or index. */
      readonly secretPaths: readonly string[];
      /** How many subschemas a value may meet, with references followed. */
      readonly size: number;
    }
  | { readonly ok: false; readonly problems: readonly SettingsProblem[] };

export const MAX_SCHEMA_BYTES = 64 * 1024;
export const MAX_SCHEMA_DEPTH = 16;
export const MAX_SUBSCHEMAS = 1_000;
/** Of all patterns together. */
export const MAX_PATTERNS_SIZE = 10_000;
const MOST_PATTERN_PROBLEMS = 20;
/** Of the JSON, enumerations and defaults included. */
const MAX_JSON_DEPTH = 64;

const DRAFTS = new Map<string, Draft>([
  ['json-schema.org/draft/2020-12/schema', '2020-12'],
  ['json-schema.org/draft-07/schema', '07'],
]);

export function inspectSchema(source: unknown): InspectedSchema {
  const read = readSchema(source);
  if (!read.ok) return read;
  const { schema } = read;
  const draft = draftOf(schema);
  if (draft === null) return refused('/$schema', 'The draft is 2020-12 or draft-07 of json-schema.org');
  const root: Subschema = { schema, path: '', about: 'same' };
  const { all, depth } = collectSubschemas(root, MAX_SUBSCHEMAS);
  if (all.length > MAX_SUBSCHEMAS) return refused('', `It has more than ${MAX_SUBSCHEMAS} subschemas`);
  if (depth > MAX_SCHEMA_DEPTH)
    return refused('', `Its subschemas are nested deeper than ${MAX_SCHEMA_DEPTH}`);

  const references = checkReferences(all);
  const problems = [
    ...metaschemaProblems(schema, draft),
    ...references.problems,
    ...patternProblems(all),
    ...secretProblems(all),
  ];
  if (problems.length > 0) return { ok: false, problems };
  if (!mayBeObject(root, references.targets))
    return refused('', 'Settings are an object, and this describes none');
  try {
    settingsAjv(draft, {}).compile(compilable(schema));
  } catch (error) {
    return refused('', `It cannot be compiled: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    ok: true,
    schema,
    draft,
    secretPaths: secretPaths(root, references.targets),
    size: references.size,
  };
}

type ReadSchema =
  { readonly ok: true; readonly schema: SchemaObject } | Extract<InspectedSchema, { ok: false }>;

/** An object goes through its text as well: what is checked is what will be stored. */
function readSchema(source: unknown): ReadSchema {
  let value: unknown;
  try {
    const text = typeof source === 'string' ? source : (JSON.stringify(source) as string | undefined);
    const bytes = Buffer.byteLength(text ?? '');
    if (bytes > MAX_SCHEMA_BYTES)
      return refused('', `It has ${bytes} bytes; at most ${MAX_SCHEMA_BYTES} are allowed`);
    value = JSON.parse(text ?? '');
  } catch {
    return refused('', 'It is not JSON');
  }
  if (!isObject(value)) return refused('', 'It is not a JSON object');
  if (measureJson(value).depth > MAX_JSON_DEPTH)
    return refused('', `It is nested deeper than ${MAX_JSON_DEPTH}`);
  return { ok: true, schema: value };
}

function draftOf({ $schema: named }: SchemaObject): Draft | null {
  if (named === undefined) return '2020-12';
  if (typeof named !== 'string') return null;
  return DRAFTS.get(named.replace(/^https?:\/\//, '').replace(/#$/, '')) ?? null;
}

/** Reading a metaschema takes a thousand times as long as asking it. */
const metaschemas = new Map<Draft, ReturnType<typeof settingsAjv>>();

function metaschemaProblems(schema: SchemaObject, draft: Draft): SettingsProblem[] {
  const ajv = metaschemas.get(draft) ?? settingsAjv(draft, { allErrors: true, validateFormats: false });
  metaschemas.set(draft, ajv);
  if (ajv.validateSchema(compilable(schema)) === true) return [];
  return (ajv.errors ?? []).map(({ instancePath, message }) => ({
    path: instancePath,
    message: message ?? '',
  }));
}

function patternProblems(all: readonly Subschema[]): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  let total = 0;
  const check = (source: string, path: string) => {
    // The limit is on the work as well: hundreds of large patterns take seconds to compile.
    if (total > MAX_PATTERNS_SIZE || problems.length >= MOST_PATTERN_PROBLEMS) return;
    const compiled = compilePattern(source);
    if (compiled.ok) total += compiled.pattern.size;
    else problems.push({ path, message: compiled.reason });
  };
  for (const { schema, path } of all) {
    if (typeof schema === 'boolean') continue;
    for (const keyword of ['__proto__', '$async'])
      if (Object.hasOwn(schema, keyword))
        problems.push({ path: `${path}/${keyword}`, message: `${keyword} is not supported` });
    if (typeof schema['pattern'] === 'string') check(schema['pattern'], `${path}/pattern`);
    if (isObject(schema['patternProperties']))
      for (const source of Object.keys(schema['patternProperties']))
        check(source, `${path}/patternProperties/${escaped(source)}`);
    if (isObject(schema['properties']) && Object.hasOwn(schema['properties'], '__proto__'))
      problems.push({
        path: `${path}/properties/__proto__`,
        message: 'A setting cannot be called __proto__',
      });
  }
  if (total > MAX_PATTERNS_SIZE)
    problems.push({
      path: '',
      message: `Its patterns become more than ${MAX_PATTERNS_SIZE} steps together`,
    });
  return problems;
}

const refused = (path: string, message: string): Extract<InspectedSchema, { ok: false }> => ({
  ok: false,
  problems: [{ path, message }],
});

import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { canonicalJson } from './canonical-json.js';
import { compilePattern } from './linear-pattern.js';
import type { SchemaObject } from './subschemas.js';

export type Draft = '2020-12' | '07';

/** Longer texts are in none of the formats: those are checked by expressions that are not all linear. */
const MAX_FORMAT_LENGTH = 2_048;

function linearRegExp(source: string) {
  const compiled = compilePattern(source);
  if (!compiled.ok) throw new Error(compiled.reason);
  return compiled.pattern;
}
const regExp = Object.assign(linearRegExp, { code: 'linearRegExp' });

type Check = true | RegExp | ((text: string) => boolean);

function bounded(check: Check): Check {
  if (check === true) return true;
  const test = typeof check === 'function' ? check : (text: string) => check.test(text);
  return (text) => text.length <= MAX_FORMAT_LENGTH && test(text);
}

const isText = (format: unknown): format is Check =>
  format === true || format instanceof RegExp || typeof format === 'function';

/** Knows everything of its draft, and does none of it in more than linear time. */
export function settingsAjv(
  draft: Draft,
  options: Pick<Options, 'allErrors' | 'validateFormats'>,
): Ajv | Ajv2020 {
  const all: Options = {
    ...options,
    // What is unknown is a note of the author's, as the drafts say.
    strict: false,
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    // Both make the code a little faster and larger schemas quadratic to compile.
    inlineRefs: false,
    code: { regExp, optimize: false },
  };
  const ajv = draft === '07' ? new Ajv(all) : new Ajv2020(all);
  for (const [name, format] of Object.entries(fullFormats)) {
    const check: unknown =
      typeof format === 'object' && 'validate' in format && !('type' in format) ? format.validate : format;
    ajv.addFormat(name, isText(check) ? bounded(check) : format);
  }
  ajv.addFormat(
    'url',
    bounded((text) => /^(?:https?|ftp):/i.test(text) && URL.canParse(text)),
  );
  ajv.addFormat('regex', (text: string) => compilePattern(text).ok);
  // ajv compares each item with each other.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate: (on: boolean, items: unknown[]) =>
      !on || new Set(items.map(canonicalJson)).size === items.length,
  });
  ajv.addKeyword({ keyword: 'secret', schemaType: 'boolean' });
  return ajv;
}

/** Neither where it comes from nor which draft it is decides anything any more. */
export function compilable(schema: SchemaObject): SchemaObject {
  const { $id: _id, $schema: _schema, ...rest } = schema;
  return rest;
}

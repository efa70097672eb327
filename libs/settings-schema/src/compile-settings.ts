import type { ErrorObject } from 'ajv';
import { inspectSchema } from './inspect-schema.js';
import { measureJson } from './measure-json.js';
import { compilable, settingsAjv } from './settings-ajv.js';
import type { SettingsProblem } from './settings-problem.js';
import { escaped, type SchemaObject } from './subschemas.js';

export type SettingsValidator = (value: unknown) => SettingsProblem[];

const MAX_VALUE_DEPTH = 64;
/** Values times subschemas. With more of them only the first problem is told: all together could fill the memory. */
const MOST_JUDGED_WHOLLY = 100_000;
const MOST_PROBLEMS = 100;

/** The problems name places and rules, never values: what is refused may be a secret. */
export function compileSettings(schema: SchemaObject): SettingsValidator {
  const checked = inspectSchema(schema);
  if (!checked.ok) {
    const [first] = checked.problems;
    throw new TypeError(`The settings schema was not checked: ${first?.path ?? ''} ${first?.message ?? ''}`);
  }
  const compiled = compilable(checked.schema);
  const judge = settingsAjv(checked.draft, {}).compile(compiled);
  let judgeWholly: typeof judge | undefined;
  return (value) => {
    const { depth, nodes } = measureJson(value);
    if (depth > MAX_VALUE_DEPTH) return [{ path: '', message: `is nested deeper than ${MAX_VALUE_DEPTH}` }];
    if (judge(value)) return [];
    if (nodes * checked.size > MOST_JUDGED_WHOLLY) return problemsOf(judge.errors);
    judgeWholly ??= settingsAjv(checked.draft, { allErrors: true }).compile(compiled);
    judgeWholly(value);
    return problemsOf(judgeWholly.errors);
  };
}

function problemsOf(errors: readonly ErrorObject[] | null | undefined): SettingsProblem[] {
  return (errors ?? []).slice(0, MOST_PROBLEMS).map(problemOf);
}

function problemOf({ keyword, instancePath, params, message = 'is wrong' }: ErrorObject): SettingsProblem {
  const named: unknown =
    params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const path = typeof named === 'string' ? `${instancePath}/${escaped(named)}` : instancePath;
  if (keyword === 'required') return { path, message: 'is required' };
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return { path, message: 'is no setting of this plugin' };
  const allowed: unknown = params['allowedValues'];
  if (Array.isArray(allowed)) return { path, message: `must be one of ${JSON.stringify(allowed)}` };
  return { path, message };
}

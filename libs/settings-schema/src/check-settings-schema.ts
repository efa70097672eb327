import { inspectSchema } from './inspect-schema.js';
import type { Draft } from './settings-ajv.js';
import type { SettingsProblem } from './settings-problem.js';
import type { SchemaObject } from './subschemas.js';

export type CheckedSettingsSchema =
  | {
      readonly ok: true;
      readonly schema: SchemaObject;
      readonly draft: Draft;
      /** JSON Pointers into the settings, with `*` for any name or index. */
      readonly secretPaths: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly SettingsProblem[] };

/** Whether a stranger's schema may describe settings: it will be compiled, and run on whatever is sent. */
export function checkSettingsSchema(source: unknown): CheckedSettingsSchema {
  const inspected = inspectSchema(source);
  if (!inspected.ok) return inspected;
  const { schema, draft, secretPaths } = inspected;
  return { ok: true, schema, draft, secretPaths };
}

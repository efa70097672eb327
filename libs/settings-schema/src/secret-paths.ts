import type { SettingsProblem } from './settings-problem.js';
import { directSubschemas, type Subschema } from './subschemas.js';

/** Where values are secret: JSON Pointers into the settings, with `*` for any name or index. */
export function secretPaths(root: Subschema, targets: ReadonlyMap<string, Subschema>): string[] {
  const found = new Set<string>();
  const walk = ({ schema, path }: Subschema, place: string) => {
    if (typeof schema === 'boolean') return;
    if (schema['secret'] === true) found.add(place);
    const target = targets.get(path);
    if (target !== undefined) walk(target, place);
    for (const inner of directSubschemas(schema, path)) {
      if (inner.about === 'same') walk(inner, place);
      else if (inner.about === 'part') walk(inner, `${place}/${inner.part ?? '*'}`);
    }
  };
  walk(root, '');
  return [...found].sort();
}

/** `secret` has to stand where it says something about a text of the settings. */
export function secretProblems(all: readonly Subschema[]): SettingsProblem[] {
  return all.flatMap(({ schema, path, about }) => {
    if (typeof schema === 'boolean' || !Object.hasOwn(schema, 'secret')) return [];
    const at = `${path}/secret`;
    if (typeof schema['secret'] !== 'boolean') return [{ path: at, message: 'secret is true or false' }];
    if (schema['secret'] && schema['type'] !== 'string')
      return [{ path: at, message: 'Only a text can be secret: "type": "string" has to stand beside it' }];
    if (schema['secret'] && about === 'test')
      return [{ path: at, message: 'secret has no effect where only a condition is checked' }];
    return [];
  });
}

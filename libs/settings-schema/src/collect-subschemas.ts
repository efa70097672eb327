import { directSubschemas, type Subschema } from './subschemas.js';

/** The root first. What is inside a condition only serves the condition. */
export function collectSubschemas(root: Subschema, most: number): { all: Subschema[]; depth: number } {
  const all: Subschema[] = [];
  let depth = 0;
  let level = [root];
  while (level.length > 0 && all.length <= most) {
    all.push(...level);
    depth += 1;
    level = level.flatMap(({ schema, path, about }) =>
      typeof schema === 'boolean'
        ? []
        : directSubschemas(schema, path).map((inner) => (about === 'test' ? { ...inner, about } : inner)),
    );
  }
  return { all, depth };
}

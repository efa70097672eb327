import { isObject, type Subschema } from './subschemas.js';

/** Whether some object can satisfy it, as far as types tell. */
export function mayBeObject({ schema, path }: Subschema, targets: ReadonlyMap<string, Subschema>): boolean {
  if (typeof schema === 'boolean') return schema;
  const { type, const: constant, enum: choices, allOf, anyOf, oneOf } = schema;
  if (type !== undefined && type !== 'object' && !(Array.isArray(type) && type.includes('object')))
    return false;
  if (Object.hasOwn(schema, 'const') && !isObject(constant)) return false;
  if (Array.isArray(choices) && !choices.some(isObject)) return false;
  const target = targets.get(path);
  if (target !== undefined && !mayBeObject(target, targets)) return false;
  const inner = (keyword: string) => (each: unknown, at: number) =>
    mayBeObject(
      { schema: isObject(each) ? each : each !== false, path: `${path}/${keyword}/${at}`, about: 'same' },
      targets,
    );
  return (
    (!Array.isArray(allOf) || allOf.every(inner('allOf'))) &&
    (!Array.isArray(anyOf) || anyOf.some(inner('anyOf'))) &&
    (!Array.isArray(oneOf) || oneOf.some(inner('oneOf')))
  );
}

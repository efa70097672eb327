import type { SettingsProblem } from './settings-problem.js';
import { directSubschemas, type Subschema } from './subschemas.js';

/** With every reference replaced by what it points at: what validation may visit for one value. */
export const MAX_EXPANDED = 5_000;

export interface References {
  readonly problems: readonly SettingsProblem[];
  /** Of the root, with references followed. */
  readonly size: number;
  /** What a subschema's `$ref` points at. */
  readonly targets: ReadonlyMap<string, Subschema>;
}

const ELSEWHERE = [
  '$id',
  'id',
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveAnchor',
  '$recursiveRef',
];

/** Only within the document, only at subschemas, never around. */
export function checkReferences(all: readonly Subschema[]): References {
  const problems: SettingsProblem[] = [];
  const byPath = new Map(all.map((each) => [each.path, each]));
  const targets = new Map<string, Subschema>();
  for (const { schema, path } of all) {
    if (typeof schema === 'boolean') continue;
    for (const keyword of ELSEWHERE)
      // The root may say how it is called: nothing can refer to it by that name.
      if (
        Object.hasOwn(schema, keyword) &&
        !(path === '' && keyword === '$id') &&
        typeof schema[keyword] === 'string'
      )
        problems.push({
          path: `${path}/${keyword}`,
          message: `${keyword} is not supported: refer by a pointer such as #/$defs/name`,
        });
    const reference = schema['$ref'];
    if (typeof reference !== 'string') continue;
    const target = byPath.get(pointerOf(reference) ?? '?');
    if (target !== undefined) targets.set(path, target);
    else problems.push({ path: `${path}/$ref`, message: whyNot(reference) });
  }
  const expanded = expand(all, targets);
  return { problems: [...problems, ...expanded.problems], targets, size: expanded.size };
}

function pointerOf(reference: string): string | null {
  if (!/^#(?:\/|$)/.test(reference)) return null;
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return null;
  }
}

const whyNot = (reference: string): string =>
  reference.startsWith('#')
    ? `${reference} is no subschema of this schema`
    : `${reference} is outside of this schema: only pointers into it, such as #/$defs/name, are followed`;

/** Each is expanded once, deepest first; whoever meets himself on the way down never ends. */
function expand(
  all: readonly Subschema[],
  targets: ReadonlyMap<string, Subschema>,
): { problems: SettingsProblem[]; size: number } {
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  const circles: SettingsProblem[] = [];
  const sizeOf = ({ schema, path }: Subschema): number => {
    const known = sizes.get(path);
    if (known !== undefined) return known;
    if (typeof schema === 'boolean') return 1;
    open.add(path);
    const target = targets.get(path);
    let size = 1;
    for (const next of [...directSubschemas(schema, path), ...(target === undefined ? [] : [target])]) {
      if (next.about === 'definition' && next !== target) continue;
      if (open.has(next.path)) {
        circles.push({
          path: `${path}/$ref`,
          message: `#${next.path} leads back to itself: a reference must come to an end`,
        });
        continue;
      }
      size += sizeOf(next);
    }
    open.delete(path);
    sizes.set(path, size);
    return size;
  };
  for (const each of all) sizeOf(each);
  const size = sizes.get('') ?? 0;
  if (circles.length > 0 || size <= MAX_EXPANDED) return { problems: circles, size };
  const message = `With its references followed it has more than ${MAX_EXPANDED} subschemas`;
  return { problems: [{ path: '', message }], size };
}

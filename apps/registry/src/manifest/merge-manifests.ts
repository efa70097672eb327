import { isDeepStrictEqual } from 'node:util';

type Fields = Readonly<Record<string, unknown>>;

/** Names of what both say, and say differently. */
export const differingFields = (one: Fields, other: Fields): string[] =>
  Object.keys(one).filter(
    (name) =>
      other[name] !== undefined && one[name] !== undefined && !isDeepStrictEqual(one[name], other[name]),
  );

export interface ManifestSource {
  /** As messages name it. */
  name: string;
  fields: Fields;
}

export interface Contradiction {
  field: string;
  sources: [string, string];
}

/** One manifest of what several sources say. None of them is more right than another: a contradiction is the publisher's to solve. */
export function mergeManifests(sources: readonly ManifestSource[]): {
  manifest: Record<string, unknown>;
  contradictions: Contradiction[];
} {
  const manifest: Record<string, unknown> = {};
  const contradictions: Contradiction[] = [];
  const saidBy = new Map<string, string>();
  for (const { name, fields } of sources)
    for (const [field, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      const first = saidBy.get(field);
      if (first === undefined) {
        saidBy.set(field, name);
        manifest[field] = value;
      } else if (!isDeepStrictEqual(manifest[field], value))
        contradictions.push({ field, sources: [first, name] });
    }
  return { manifest, contradictions };
}

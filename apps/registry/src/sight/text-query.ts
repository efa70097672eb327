import type { Condition } from '@switchyard/database';

export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** `pay stri` finds "Payment by Stripe": every word begins one of the text. Null for text without words.
 * `A`: only where the id and the name hold them. */
export function prefixQuery(text: string, weight: '' | 'A' = ''): string | null {
  const found = wordsOf(text).slice(0, 12);
  return found.length === 0 ? null : found.map((word) => `${word}:*${weight}`).join(' & ');
}

/** Plugins whose id, name, tags or description hold all the words, in any of their forms. */
export function textQuery(text: string): Condition {
  const prefixes = prefixQuery(text);
  if (prefixes === null) return { sql: 'false', values: [] };
  return {
    sql: `(words @@ to_tsquery('simple', ?) OR words @@ websearch_to_tsquery('english', ?))`,
    values: [prefixes, text],
  };
}

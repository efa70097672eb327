/** PostgreSQL refuses NUL and halves of surrogate pairs; nobody shall escape an entry by a name that holds one. */
const unstorable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Nor by one that is too long for an index: it is cut, and says so. */
export function storableText(text: string, longest: number): string {
  const fitting = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return fitting.replace(unstorable, '\uFFFD');
}

/** The same for JSON, where JSON.stringify has made escapes of them; each escape is read whole, so that `\\u0000` stays. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escape) =>
    /^\\u(?:0000|d[89a-f])/.test(escape) ? '\\ufffd' : escape,
  );

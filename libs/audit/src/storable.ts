/** PostgreSQL refuses NUL and halves of surrogate pairs; nobody shall escape an entry by a name that holds one. */
const unstorable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export const storableText = (text: string): string => text.replace(unstorable, '\uFFFD');

/** The same for JSON, where JSON.stringify has made escapes of them; each escape is read whole, so that `\\u0000` stays. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escape) =>
    /^\\u(?:0000|d[89a-f])/.test(escape) ? '\\ufffd' : escape,
  );

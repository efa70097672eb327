/**
 * Whether an answer has every field that a document shows, of the type it shows: further fields are allowed, values are
 * examples. Answers what is wrong, field by field.
 */
export function shapeProblems(documented: unknown, answered: unknown, at = 'answer'): string[] {
  if (Array.isArray(documented)) {
    if (!Array.isArray(answered)) return [`${at} is no list`];
    const [example] = documented as unknown[];
    if (example === undefined) return [];
    if (answered.length === 0) return [`${at} is empty, so its items cannot be compared`];
    return answered.flatMap((item, i) => shapeProblems(example, item, `${at}[${i}]`));
  }
  if (typeof documented === 'object' && documented !== null) {
    if (typeof answered !== 'object' || answered === null) return [`${at} is no object`];
    return Object.entries(documented).flatMap(([name, value]) =>
      name in answered
        ? shapeProblems(value, (answered as Record<string, unknown>)[name], `${at}.${name}`)
        : [`${at}.${name} is missing`],
    );
  }
  if (typeof documented !== typeof answered)
    return [`${at} is ${answered === null ? 'null' : typeof answered}, not ${typeof documented}`];
  if (typeof documented === 'string' && isMoment(documented) && !isMoment(String(answered)))
    return [`${at} is no RFC 3339 time in UTC: ${String(answered)}`];
  return [];
}

const isMoment = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);

/** About how many steps a pattern becomes, told from its text: a short one can be a million, too many to compile. */
export function estimatePatternSize(source: string): number {
  const groups: number[] = [];
  let total = 0;
  /** The last atom or group: what a repetition repeats. */
  let last = 0;
  const add = (size: number) => {
    total += size;
    last = size;
  };
  for (let at = 0; at < source.length; at += 1) {
    const repetition = /^\{(\d+)(,(\d*))?\}/.exec(source.slice(at, at + 24));
    if (repetition !== null) {
      const [text, least = '', open, most = ''] = repetition;
      const times = open === undefined ? Number(least) : most === '' ? Number(least) + 1 : Number(most);
      total += last * Math.max(times - 1, 0);
      last *= Math.max(times, 1);
      at += text.length - 1;
    } else if (source[at] === '(') {
      groups.push(total);
      total = 0;
    } else if (source[at] === ')') {
      const inner = total;
      total = groups.pop() ?? 0;
      add(inner);
    } else if (source[at] === '[') {
      at += lengthOfClass(source, at) - 1;
      add(1);
    } else if (source[at] === '\\') {
      at += /^\\[pPux]\{[^}]*\}/.exec(source.slice(at, at + 40))?.[0].length ?? 2;
      at -= 1;
      add(1);
    } else if (!'|*+?^$'.includes(source[at] ?? '')) add(1);
  }
  return groups.reduce((sum, size) => sum + size, total);
}

function lengthOfClass(source: string, start: number): number {
  let at = start + 1;
  if (source[at] === '^') at += 1;
  for (; at < source.length && source[at] !== ']'; at += 1) if (source[at] === '\\') at += 1;
  return at - start + 1;
}

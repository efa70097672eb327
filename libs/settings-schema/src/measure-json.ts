/** How deep the value is nested and how many values it is made of; without recursion, so that no depth is too deep. */
export function measureJson(value: unknown): { depth: number; nodes: number } {
  let depth = 0;
  let nodes = 0;
  let level: unknown[] = [value];
  while (level.length > 0) {
    nodes += level.length;
    const next: unknown[] = [];
    for (const each of level)
      if (typeof each === 'object' && each !== null)
        for (const inner of Object.values(each)) next.push(inner);
    if (next.length > 0) depth += 1;
    level = next;
  }
  return { depth, nodes };
}

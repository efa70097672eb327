import type { World } from './world.js';

interface Step {
  readonly subject: number;
  readonly version: number;
  readonly from?: Step;
}

/** The shortest circle that `version` of `subject` would close among what is decided. */
export function findCircle(
  world: World,
  decided: ReadonlyMap<number, number>,
  subject: number,
  version: number,
): { subject: number; version: number }[] | null {
  const seen = new Set([subject]);
  let edge: Step[] = [{ subject, version }];
  while (edge.length > 0) {
    const next: Step[] = [];
    for (const step of edge)
      for (const needed of world.needed(step.subject, step.version)) {
        if (needed === subject) return pathTo(step);
        const chosen = decided.get(needed);
        if (chosen === undefined || seen.has(needed)) continue;
        seen.add(needed);
        next.push({ subject: needed, version: chosen, from: step });
      }
    edge = next;
  }
  return null;
}

function pathTo(last: Step): { subject: number; version: number }[] {
  const path: { subject: number; version: number }[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.from)
    path.unshift({ subject: step.subject, version: step.version });
  return path;
}

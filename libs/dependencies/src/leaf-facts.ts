import type { Fact } from './fact.js';
import { isDerived, type Incompatibility } from './incompatibility.js';

/** What the request says, as far as the proof of failure uses it. */
export function leafFacts(failure: Incompatibility): Fact[] {
  const facts: Fact[] = [];
  const seen = new Set<Incompatibility>();
  const waiting = [failure];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (isDerived(next.cause)) waiting.push(...next.cause);
    else facts.push(next.cause);
  }
  return facts;
}

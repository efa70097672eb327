import { demandText } from './conflicting-problem.js';
import { holder, type Demand } from './demand.js';
import type { Problem } from './resolution.js';
import { list } from './wording.js';
import type { World } from './world.js';

const MOST_NAMED = 12;

/** Each way out of one disagreement leads into another: what the whole proof rests on is the explanation. */
export function entangledProblem(world: World, demands: readonly Demand[]): Problem {
  const texts = [...new Set(demands.map((demand) => demandText(world.subjects.at(demand.subject), demand)))];
  const named = texts.length > MOST_NAMED ? [...texts.slice(0, MOST_NAMED), 'more'] : texts;
  const longest = demands.reduce((one, other) => (other.chain.length > one.chain.length ? other : one));
  const holders = [...new Set(demands.filter(({ fact }) => 'by' in fact).map(holder))].slice(0, MOST_NAMED);
  return {
    kind: 'conflicting',
    chain: longest.chain,
    message: `No choice of versions satisfies all of these: ${list(named)}.`,
    solution: `Widen a range or lift a conflict in ${list(holders, 'or')}.`,
  };
}

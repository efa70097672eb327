import { holder, type Demand } from './demand.js';
import type { Problem } from './resolution.js';
import type { Subject } from './subject.js';
import { chainText, existsIn, list } from './wording.js';
import type { World } from './world.js';

/** Each of these demands can be met, all of them cannot. The first is whose way to the trouble is shown. */
export function conflictingProblem(world: World, demands: readonly [Demand, ...Demand[]]): Problem {
  const [first, ...others] = demands;
  const subject = world.subjects.at(first.subject);
  const texts = demands.map((demand) => demandText(subject, demand));
  const [one = '', ...rest] = texts;
  const said = rest.length === 1 ? `${one}, but ${rest.join('')}` : list(texts);
  const together = demands.length === 2 ? 'both' : 'all of them';
  const obvious = demands.some(({ fact }) => fact.kind === 'installed' || fact.kind === 'excludes');
  return {
    kind: 'conflicting',
    chain: first.chain,
    message: obvious ? `${said}.` : `${said}: ${existsIn(subject)}, and none satisfies ${together}.`,
    solution: `${list(waysOut(subject, first, others), 'or')}.`.replace(/^./, (letter) =>
      letter.toUpperCase(),
    ),
  };
}

export function demandText(subject: Subject, demand: Demand): string {
  const { fact, chain } = demand;
  if (fact.kind === 'installed') return `${subject.id} ${subject.name(fact.version)} is installed`;
  if (fact.kind === 'root') return `${subject.id} ${fact.constraint} is asked for`;
  const installed = demand.fromInstalled === '' ? '' : ` (${demand.fromInstalled})`;
  const way = chainText(chain.slice(0, -1));
  const { constraint } = fact;
  if (fact.kind === 'excludes') {
    const who = chain.length > 2 ? `${holder(demand)} (${way})` : way;
    return `${who}${installed} must not be installed beside ${subject.id} ${constraint}`;
  }
  const optional = fact.kind === 'admits' ? ' (optional)' : '';
  return `${way}${installed} -> ${subject.id} ${constraint}${optional}`;
}

function waysOut(subject: Subject, first: Demand, others: readonly Demand[]): string[] {
  const ways = new Set<string>();
  const tooNarrow = new Set<string>();
  for (const demand of [...others, first]) {
    const { fact, fromInstalled, chain } = demand;
    const counterpart = demand === first ? others[0] : first;
    // Where the other side leaves no version at all, no other version helps.
    const mayMove = counterpart?.set.isEmpty() === false;
    if (fact.kind === 'installed') ways.add(move(subject, fact.version, counterpart));
    else if (fact.kind === 'root')
      ways.add(mayMove ? `ask for another version of ${subject.id}` : `leave out ${subject.id}`);
    else if (fromInstalled !== '') ways.add(`upgrade or uninstall ${chain[0]?.id ?? ''}`);
    else if (fact.kind === 'excludes' || !mayMove) ways.add(`leave out ${holder(demand)}`);
    else tooNarrow.add(holder(demand));
  }
  if (tooNarrow.size > 0) ways.add(`widen the range for ${subject.id} in ${list([...tooNarrow], 'or')}`);
  return [...ways];
}

function move(subject: Subject, installed: number, counterpart: Demand | undefined): string {
  const target = counterpart === undefined ? undefined : subject.preferred(counterpart.set);
  if (target === undefined) return `uninstall ${subject.id}`;
  const verb = target > installed ? 'upgrade' : 'downgrade';
  return `${verb} ${subject.id} from ${subject.name(installed)} to ${subject.name(target)}`;
}

import type { ChainLink } from './resolution.js';
import type { Subject } from './subject.js';

const MOST_NAMED = 6;

/** `shop@1.0.0 -> payments >=2 -> core-payments >=1.0.0,<2.0.0` */
export function chainText(chain: readonly ChainLink[]): string {
  return chain
    .map(({ id, version, constraint }, at) => {
      if (at === 0 && version !== undefined) return `${id}@${version}`;
      return `${id} ${constraint ?? ''}`;
    })
    .join(' -> ');
}

export function list(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1) ?? ''}`;
}

/** The highest ones by name; a list of hundreds helps nobody. */
export function versionsText(subject: Subject): string {
  const names = subject.all().map((version) => {
    const state = subject.state(version);
    const isOut = subject.withdrawn.has(version);
    return `${subject.name(version)}${isOut ? ` (${state})` : ''}`;
  });
  if (names.length <= MOST_NAMED) return list(names);
  return list([`${names.length - MOST_NAMED + 1} older ones`, ...names.slice(1 - MOST_NAMED)]);
}

export const existsIn = (subject: Subject): string =>
  subject.all().length === 0
    ? `${subject.id} is not registered`
    : `${subject.id} exists in ${versionsText(subject)}`;

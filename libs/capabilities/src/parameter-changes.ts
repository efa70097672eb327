import type { CapabilityChangeKind } from './capability-change.js';
import type { CapabilityParameter } from './capability.js';

export interface ParameterChange {
  readonly kind: Extract<CapabilityChangeKind, `${string}parameter${string}`>;
  readonly parameter: string;
  readonly what: string;
}

interface Survivor {
  readonly was: CapabilityParameter;
  readonly is: CapabilityParameter;
  readonly from: number;
  readonly to: number;
}

/** Callers pass parameters by place or by name, and nobody knows which: both have to go on working. */
export function parameterChanges(
  before: readonly CapabilityParameter[],
  after: readonly CapabilityParameter[],
): ParameterChange[] {
  const survivors = before.flatMap((was, from) => survivorOf(was, from, before, after));
  const gone = before.filter((each) => !survivors.some(({ was }) => was === each));
  const fresh = after.filter((each) => !survivors.some(({ is }) => is === each));
  return [
    ...gone.map(({ name }) => told('parameter-removed', name, `the parameter ${name} was removed`)),
    // What is removed moves up those behind it: one thing to tell, not many.
    ...survivors.flatMap((survivor, expected) => changesOf(survivor, expected)),
    ...fresh.map(({ name, required }) =>
      required
        ? told('required-parameter-added', name, `the required parameter ${name} was added`)
        : told('optional-parameter-added', name, `the optional parameter ${name} was added`),
    ),
  ];
}

/** The one of that name; or, under a new name, the one of that type in that place. */
function survivorOf(
  was: CapabilityParameter,
  from: number,
  before: readonly CapabilityParameter[],
  after: readonly CapabilityParameter[],
): Survivor[] {
  const sameName = after.findIndex(({ name }) => name === was.name);
  if (sameName >= 0)
    return after.slice(sameName, sameName + 1).map((is) => ({ was, is, from, to: sameName }));
  const samePlace = after[from];
  const isNew = samePlace !== undefined && !before.some(({ name }) => name === samePlace.name);
  return isNew && samePlace.type === was.type ? [{ was, is: samePlace, from, to: from }] : [];
}

function changesOf({ was, is, from, to }: Survivor, expected: number): ParameterChange[] {
  const { name } = was;
  const changes: ParameterChange[] = [];
  if (is.name !== name)
    changes.push(told('parameter-renamed', name, `the parameter ${name} is now called ${is.name}`));
  if (to !== expected)
    changes.push(
      told('parameter-moved', name, `the parameter ${name} moved from place ${from + 1} to ${to + 1}`),
    );
  if (is.type !== was.type)
    changes.push(
      told('parameter-type-changed', name, `the parameter ${name} was ${was.type} and is now ${is.type}`),
    );
  if (is.required && !was.required)
    changes.push(told('parameter-became-required', name, `the parameter ${name} became required`));
  if (!is.required && was.required)
    changes.push(told('parameter-became-optional', name, `the parameter ${name} became optional`));
  return changes;
}

const told = (kind: ParameterChange['kind'], parameter: string, what: string): ParameterChange => ({
  kind,
  parameter,
  what,
});

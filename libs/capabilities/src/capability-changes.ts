import type { CapabilityChange, CapabilityChangeKind } from './capability-change.js';
import type { Capability, CapabilityMethod } from './capability.js';
import { parameterChanges } from './parameter-changes.js';

const BREAKING: Record<CapabilityChangeKind, boolean> = {
  'capability-removed': true,
  'capability-added': false,
  'method-removed': true,
  'method-added': false,
  'return-type-changed': true,
  'parameter-removed': true,
  'parameter-renamed': true,
  'parameter-moved': true,
  'parameter-type-changed': true,
  'parameter-became-required': true,
  'parameter-became-optional': false,
  'required-parameter-added': true,
  'optional-parameter-added': false,
};

/** What a new version changes in what the previous one promised; names and version numbers of a capability are labels. */
export function capabilityChanges(
  before: readonly Capability[],
  after: readonly Capability[],
): CapabilityChange[] {
  return compare(before, after, ({ capabilityId }) => capabilityId).flatMap(([id, was, is]) => {
    if (is === undefined) return [change('capability-removed', id, `The capability ${id} was removed.`)];
    if (was === undefined) return [change('capability-added', id, `The capability ${id} was added.`)];
    return methodChanges(id, was.methods, is.methods);
  });
}

function methodChanges(
  id: string,
  before: readonly CapabilityMethod[],
  after: readonly CapabilityMethod[],
): CapabilityChange[] {
  return compare(before, after, ({ name }) => name).flatMap(([method, was, is]) => {
    const call = `${id}.${method}`;
    if (is === undefined) return [change('method-removed', id, `${call} was removed.`, { method })];
    if (was === undefined) return [change('method-added', id, `${call} was added.`, { method })];
    const returns =
      was.returnType === is.returnType
        ? []
        : [
            change(
              'return-type-changed',
              id,
              `${call} returned ${was.returnType} and now returns ${is.returnType}.`,
              {
                method,
              },
            ),
          ];
    const parameters = parameterChanges(was.parameters, is.parameters).map(({ kind, parameter, what }) =>
      change(kind, id, `${call}: ${what}.`, { method, parameter }),
    );
    return [...returns, ...parameters];
  });
}

const change = (
  kind: CapabilityChangeKind,
  capabilityId: string,
  message: string,
  where: { method?: string; parameter?: string } = {},
): CapabilityChange => ({ kind, breaking: BREAKING[kind], capabilityId, ...where, message });

/** Those of before in their order, then the new ones. */
function compare<T>(
  before: readonly T[],
  after: readonly T[],
  key: (each: T) => string,
): [string, T | undefined, T | undefined][] {
  const was = new Map(before.map((each) => [key(each), each]));
  const is = new Map(after.map((each) => [key(each), each]));
  return [...new Set([...was.keys(), ...is.keys()])].map((name) => [name, was.get(name), is.get(name)]);
}

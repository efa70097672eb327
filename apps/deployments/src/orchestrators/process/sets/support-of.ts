import type { Enforcement, Resources, Runtime, Support } from '../../orchestrator.js';
import { findCommand } from '../runners/find-command.js';
import { isNode, type RunnerCommand } from '../runners/parse-runners.js';

/** Below it a Node process has no room to start in. */
const LEAST_NODE_MB = 48;

export interface SupportOptions {
  readonly runners: ReadonlyMap<string, RunnerCommand>;
  readonly path: string;
  readonly enforcement: Enforcement;
}

export function supportOf(runtime: Runtime, resources: Resources, options: SupportOptions): Support {
  const { runners, path, enforcement } = options;
  if (isNode(runtime.type)) {
    if (resources.maxMemoryMB < LEAST_NODE_MB)
      return {
        supported: false,
        missing: `A Node process does not start with ${resources.maxMemoryMB} MB of memory`,
        fix: `Register the version with a maxMemoryMB of at least ${LEAST_NODE_MB}`,
      };
    return { supported: true, runner: 'NodeJs', enforcement: withHeap(enforcement) };
  }
  if (runtime.type === 'Container')
    return {
      supported: false,
      missing: 'Containers do not run on one machine without a cluster',
      fix: 'Give the platform a cluster with KUBECONFIG, or publish the version for another runtime',
    };
  const command = runners.get(runtime.type);
  if (!command)
    return {
      supported: false,
      missing: `There is no runner for the runtime ${runtime.type}`,
      fix: `Name its command in RUNNERS, such as RUNNERS="${runtime.type}=<command> {entry}"; there are NodeJs${[...runners.keys()].map((name) => `, ${name}`).join('')}`,
    };
  if (findCommand(command[0] ?? '', path) === undefined)
    return {
      supported: false,
      missing: `The command ${command[0] ?? ''} of the runner ${runtime.type} is not on this machine`,
      fix: `Install it where PATH finds it, or mend RUNNERS; PATH is ${path}`,
    };
  return { supported: true, runner: runtime.type, enforcement };
}

/** What the notes say of memory is only half the truth for a Node process. */
const withHeap = (enforcement: Enforcement): Enforcement =>
  enforcement.memory === 'kernel'
    ? enforcement
    : {
        ...enforcement,
        notes: [...enforcement.notes, 'The heap of a Node process ends at three quarters of maxMemoryMB'],
      };

import type { Chains } from './chains.js';
import type { Fact } from './fact.js';
import type { Problem } from './resolution.js';
import { chainText } from './wording.js';
import type { World } from './world.js';

export function runtimeProblem(
  world: World,
  chains: Chains,
  { by, versions, runtime, constraint }: Extract<Fact, { kind: 'runtime' }>,
): Problem {
  const before = chains.to(by, versions);
  const chain = [...before, { id: runtime, constraint }];
  const { runtimes } = world.request;
  const offered = Object.hasOwn(runtimes, runtime) ? runtimes[runtime] : undefined;
  const { id } = world.subjects.at(by);
  const has =
    offered === undefined ? `the platform offers no ${runtime}` : `the platform offers ${runtime} ${offered}`;
  const lives = offered === undefined ? `does without ${runtime}` : `runs on ${runtime} ${offered}`;
  return {
    kind: 'runtime',
    chain,
    message: `${chainText(chain)}: ${has}.`,
    solution: `Offer ${runtime} ${constraint} on the platform, or register a version of ${id} that ${lives}.`,
  };
}

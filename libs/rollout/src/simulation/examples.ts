import { applyCommand } from '../apply-command.js';
import type { Command } from '../command.js';
import { accept, Rollout, type Accepted } from './rollout.js';
import { good, World, type Behaviour, type WorldOptions } from './world.js';

export function rollout(
  accepted: Accepted,
  candidate: Partial<Behaviour> = {},
  world: Partial<WorldOptions> = {},
): Rollout {
  const made = new World({
    stableInstances: 10,
    requestsPerSecond: 200,
    candidate: { ...good(), ...candidate },
    ...world,
  });
  return new Rollout(made, accept(made, accepted));
}

export const canary: Accepted = {
  strategy: 'Canary',
  values: { stages: '10,30,50,100', stageInterval: '60' },
  totalInstances: 10,
};
export const rolling: Accepted = {
  strategy: 'Rolling',
  values: { batchSize: '3', batchInterval: '5' },
  totalInstances: 10,
};
export const blueGreen: Accepted = {
  strategy: 'BlueGreen',
  values: { healthCheckDuration: '30', smokeTestEndpoints: '/health,/v1/ping' },
  totalInstances: 10,
};
export const abTest: Accepted = {
  strategy: 'ABTest',
  values: { percentage: '20', testDuration: '120' },
  totalInstances: 10,
};
export const direct: Accepted = { strategy: 'Direct', totalInstances: 10 };

export function command(run: Rollout, given: Command): void {
  const answer = applyCommand(run.deployment, given, run.world.now);
  if (!answer.ok) throw new Error(answer.reason);
  run.deployment = { ...run.deployment, state: answer.state };
  for (const entry of answer.history) run.history[entry.sequence] = entry;
}

/** Until the weight is served and watched. */
export function until(run: Rollout, condition: (run: Rollout) => boolean): void {
  for (let tick = 0; tick < 2_000; tick += 1) {
    if (run.look().nextLookAt !== run.world.now) run.world.pass(1_000);
    if (condition(run)) return;
  }
  throw new Error(`never: ${JSON.stringify(run.last?.waitsFor)}`);
}
export const observing = (weight: number) => (run: Rollout) =>
  run.deployment.state.step === 'observing' && run.deployment.state.weight === weight;

export const endOf = (run: Rollout) => {
  run.run();
  const { status, ending } = run.deployment.state;
  return { status, reason: ending?.reason };
};

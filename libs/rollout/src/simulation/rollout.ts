import type { Deployment } from '../deployment.js';
import type { HistoryEntry } from '../history-entry.js';
import { newRollout } from '../new-rollout.js';
import type { NextStep } from '../next-step-answer.js';
import { nextStep } from '../next-step.js';
import { parseStrategyConfig } from '../parse-strategy-config.js';
import type { Limits, Strategy } from '../strategy-config.js';
import type { World } from './world.js';

export interface Accepted {
  readonly strategy: Strategy;
  readonly values?: Readonly<Record<string, string>>;
  readonly totalInstances: number;
  readonly needsApproval?: boolean;
  readonly limits?: Partial<Limits>;
}

export function accept(world: World, accepted: Accepted): Deployment {
  const { strategy, values = {}, totalInstances, needsApproval = false, limits = {} } = accepted;
  const parsed = parseStrategyConfig(strategy, values, { limits });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return {
    id: 'dep-1',
    config: parsed.config,
    totalInstances,
    requestedBy: 'alice',
    state: newRollout(world.now, { needsApproval }),
  };
}

/** What the reconciler does, without faults: looks, stores, acts. */
export class Rollout {
  readonly history: HistoryEntry[] = [];
  last: NextStep | null = null;

  constructor(
    readonly world: World,
    public deployment: Deployment,
  ) {}

  look(): NextStep {
    const step = nextStep(this.deployment, this.world.observed(), this.world.now);
    this.deployment = { ...this.deployment, state: step.state };
    for (const entry of step.history) this.history[entry.sequence] = entry;
    for (const action of step.actions) this.world.execute(action);
    this.last = step;
    return step;
  }

  /** Looks after every tick until nothing but a person can change anything, or nothing is left to do. */
  run(tickMs = 1_000, mostTicks = 5_000): NextStep {
    for (let tick = 0; tick < mostTicks; tick += 1) {
      const step = this.look();
      if (step.settled || step.waitsFor?.for === 'person' || step.waitsFor?.for === 'approval') return step;
      if (step.nextLookAt !== this.world.now) this.world.pass(tickMs);
    }
    throw new Error(`still waiting for ${JSON.stringify(this.last?.waitsFor)}`);
  }
}

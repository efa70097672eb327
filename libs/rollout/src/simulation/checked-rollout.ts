import assert from 'node:assert/strict';
import { applyCommand } from '../apply-command.js';
import type { Command } from '../command.js';
import { isTerminal } from '../deployment-status.js';
import type { Deployment } from '../deployment.js';
import type { Action, NextStep } from '../next-step-answer.js';
import { nextStep } from '../next-step.js';
import { reservedPairs, type Pair } from '../reserved-pairs.js';
import type { RolloutState } from '../rollout-state.js';
import { promisedCapacity, stagePlan } from '../stage-plan.js';
import { transitions } from '../transitions.js';
import { storesFirst, type Case, type Fault } from './any-case.js';
import { accept } from './rollout.js';
import { good, World } from './world.js';

/** A rollout that holds the engine to its promises at every look, whatever the reconciler fails in. */
export class CheckedRollout {
  readonly world: World;
  deployment: Deployment;

  constructor(private readonly given: Case) {
    this.world = new World({
      ...given.options,
      candidate: { ...given.behaviour, respond: given.behaviour.respond() },
      stable: { ...good(), startMs: 1_500 },
    });
    this.deployment = accept(this.world, given.accepted);
  }

  look(fault: Fault = 'none'): NextStep {
    const observed = deeplyFrozen(this.world.observed());
    const step = nextStep(deeplyFrozen(this.deployment), observed, this.world.now);
    this.check(step);
    this.checkSame(step, nextStep(this.deployment, observed, this.world.now));
    if (storesFirst(fault)) this.store(step);
    const actions = fault === 'storedOnly' ? [] : step.actions;
    const done = fault.startsWith('half') ? actions.slice(0, Math.floor(actions.length / 2)) : actions;
    for (const action of done) this.act(action);
    if (fault === 'none') this.checkTraffic();
    return step;
  }

  private checkSame(first: NextStep, second: NextStep): void {
    const textOf = ({ state, ...rest }: NextStep): string =>
      JSON.stringify(rest.changed ? { state, ...rest } : rest);
    assert.equal(textOf(first), textOf(second));
  }

  private store({ state, changed }: NextStep): void {
    if (!changed) return;
    const stored = JSON.stringify(state);
    this.deployment = { ...this.deployment, state: JSON.parse(stored) as RolloutState };
    assert.equal(JSON.stringify(this.deployment.state), stored);
  }

  apply(command: Command): void {
    const { state } = this.deployment;
    const answer = applyCommand(deeplyFrozen(this.deployment), command, this.world.now);
    if (!answer.ok) return assert.notEqual(answer.reason, '');
    assert.equal(transitions[state.status][command.type], answer.state.status);
    this.deployment = { ...this.deployment, state: answer.state };
  }

  private check({ state, actions, waitsFor, nextLookAt, settled, history, changed }: NextStep): void {
    const before = this.deployment.state;
    if (!changed) assert.ok(state === before && history.length === 0);
    history.forEach(({ sequence }, at) => assert.equal(sequence, before.historyLength + at));
    assert.ok(history.every(({ text, actor }) => text !== '' && actor !== ''));
    assert.equal(state.ending?.status, isTerminal(state.status) ? state.status : undefined);
    if (state.ending !== null) assert.match(state.ending.reason, /^(Completed|Failed|Rolled back).*: ./);
    assert.equal(settled, waitsFor === null);
    assert.notEqual(waitsFor?.text, '');
    assert.ok(nextLookAt === null || nextLookAt > 0);
    for (const action of actions) if (action.type === 'route') this.checkRoute(action.weights);
  }

  private checkRoute({ stable, candidate }: { stable: number; candidate: number }): void {
    assert.equal(stable + candidate, 100);
    assert.ok([stable, candidate].every((weight) => Number.isInteger(weight) && weight >= 0));
    if (candidate > 0)
      assert.ok(this.world.ready('candidate') > 0, 'traffic to a candidate that is not ready');
    // All of the traffic stays with a stable slot that broke down while the candidate is not to have any.
    if (candidate > 0 && stable > 0)
      assert.ok(this.world.ready('stable') > 0, 'traffic to a stable slot that is not ready');
  }

  /** What the gateways are told once the reconciler has done all that it was told. */
  private checkTraffic(): void {
    const { weight, promoted } = this.world;
    if (promoted || weight === 0) return;
    this.checkRoute({ stable: 100 - weight, candidate: weight });
  }

  private act(action: Action): void {
    const { stableInstances } = this.given.options;
    const { totalInstances, config, state } = this.deployment;
    const sizes = { total: totalInstances, stable: stableInstances };
    const readyBefore = this.world.ready('stable') + this.world.ready('candidate');
    if (action.type === 'promote') assert.ok(this.world.ready('candidate') > 0);
    this.world.execute(action);
    const pair = { candidate: this.world.running('candidate'), stable: this.world.running('stable') };
    assert.ok(hasRoom(pair, reservedPairs(config, sizes)), 'more instances than reserved');
    const readyAfter = this.world.ready('stable') + this.world.ready('candidate');
    if (!isTerminal(state.status) || this.world.weight > 0)
      assert.ok(readyAfter >= Math.min(readyBefore, promisedCapacity(sizes)), 'less capacity than promised');
  }

  /** A look, and the second until the next if that is not at once. */
  tick(): NextStep {
    const step = this.look();
    if (step.nextLookAt !== this.world.now) this.world.pass(1_000);
    return step;
  }

  /** Until nothing is left to do, or only a person can go on. */
  toRest(): NextStep {
    this.world.predecessor = null;
    this.world.calm();
    for (let tick = 0; tick < 3_000; tick += 1) {
      const step = this.tick();
      if (step.settled || step.waitsFor?.for === 'person' || step.waitsFor?.for === 'approval') return step;
    }
    throw new Error(`waits for ever: ${JSON.stringify(this.deployment.state)}`);
  }

  /** Whoever did not complete has given everything back, unless it was completed before and its rollback is another deployment. */
  checkReturned(): void {
    const { world, deployment } = this;
    if (deployment.state.leaving === 'stable') return;
    const { stableInstances } = this.given.options;
    assert.deepEqual([world.weight, world.promoted], [0, false]);
    assert.deepEqual(
      [world.ready('candidate'), world.running(), world.ready('stable')],
      [0, stableInstances, stableInstances],
    );
  }

  /** Where the first stage with traffic takes no time, only what happens to be counted between two looks can speak against it. */
  get isJudgedByChance(): boolean {
    const { config, totalInstances } = this.deployment;
    const sizes = { total: totalInstances, stable: this.given.options.stableInstances };
    return stagePlan(config, sizes).find(({ weight }) => weight > 0)?.holdMs === 0;
  }

  get end() {
    const { state } = this.deployment;
    return [state.status, state.ending?.cause.kind ?? state.hold?.cause.kind ?? null, this.world.promoted];
  }
}

/** Whichever of both needs more. */
const hasRoom = (pair: Pair, reserved: readonly Pair[]): boolean =>
  [0, 0.3, 1, 3, 1_000].every((cost) => {
    const costOf = ({ candidate, stable }: Pair): number => candidate * cost + stable;
    return costOf(pair) <= Math.max(...reserved.map(costOf));
  });

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deeplyFrozen);
  }
  return value;
}

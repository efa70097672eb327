import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyCommand } from './apply-command.js';
import type { Command } from './command.js';
import { isTerminal } from './deployment-status.js';
import type { Deployment } from './deployment.js';
import type { Action, NextStep } from './next-step-answer.js';
import { nextStep } from './next-step.js';
import { peakInstances } from './peak-instances.js';
import { accept, type Accepted } from './simulation/rollout.js';
import { good, steady, World, type Behaviour, type WorldOptions } from './simulation/world.js';
import { promisedCapacity } from './stage-plan.js';
import { transitions } from './transitions.js';

const numRuns = Number(process.env['ROLLOUT_PROPERTY_RUNS'] ?? 100);

const often = <T>(value: T, rarely: fc.Arbitrary<T>, weight = 5): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight }, { arbitrary: rarely, weight: 1 });

const flag = fc.constantFrom('true', 'false');
const accepted: fc.Arbitrary<Accepted> = fc
  .oneof(
    fc.record({
      strategy: fc.constant('Direct' as const),
      values: fc.record({ autoRollback: flag, healthCheckTimeout: fc.constantFrom('5', '60') }),
    }),
    fc.record({
      strategy: fc.constant('Canary' as const),
      values: fc.record({
        autoRollback: flag,
        stages: fc.constantFrom('10,30,50,100', '1', '50', '100', '33,66'),
        stageInterval: fc.constantFrom('1', '20'),
        onNoData: fc.constantFrom('pass', 'hold', 'fail'),
      }),
    }),
    fc.record({
      strategy: fc.constant('BlueGreen' as const),
      values: fc.record({
        autoRollback: flag,
        healthCheckDuration: fc.constantFrom('0', '10'),
        smokeTestEndpoints: fc.constantFrom('/health', '/a,/b'),
        keepOldEnvironment: flag,
      }),
    }),
    fc.record({
      strategy: fc.constant('Rolling' as const),
      values: fc.record({
        autoRollback: flag,
        batchSize: fc.constantFrom('1', '3', '25%', '100%'),
        batchInterval: fc.constantFrom('0', '5'),
        healthCheckTimeout: fc.constantFrom('5', '60'),
      }),
    }),
    fc.record({
      strategy: fc.constant('ABTest' as const),
      values: fc.record({
        autoRollback: flag,
        percentage: fc.constantFrom('1', '50', '99'),
        testDuration: fc.constantFrom('5', '30'),
        successCriteria: fc.constantFrom('errorRate < 0.01', 'avgResponseTime < 10'),
        routingStrategy: fc.constantFrom('user-hash', 'request'),
      }),
    }),
  )
  .chain((chosen) =>
    fc
      .record({
        totalInstances: fc.integer({ min: 1, max: 12 }),
        needsApproval: often(false, fc.constant(true)),
      })
      .map((rest) => ({ ...chosen, ...rest, limits: { progressDeadlineMs: 40_000 } })),
  );

const behaviourWith = (latencies: readonly number[]) =>
  fc
    .record({
      startMs: fc.constantFrom(0, 1_500, 1_500, 9_000, Infinity),
      crashing: fc.constantFrom(0, 0, 0, 1, 12),
      hanging: fc.constantFrom(0, 0, 0, 1, 12),
      hangsAfterMs: fc.constantFrom(0, 3_000),
      smokeTest: fc.constantFrom('passes' as const, 'passes' as const, 'fails' as const),
      errorRate: fc.constantFrom(0, 0.002, 0.4),
      latency: fc.constantFrom(...latencies),
    })
    .map(({ errorRate, latency, ...rest }) => ({ ...rest, respond: () => steady(errorRate, latency) }));

const options = fc.record({
  stableInstances: fc.integer({ min: 0, max: 12 }),
  requestsPerSecond: fc.constantFrom(0, 3, 400),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constantFrom('approve' as const, 'approve' as const, 'pause' as const, 'resume' as const),
    actor: fc.constant('bob'),
  }),
  fc.record({ type: fc.constantFrom('reject' as const, 'abort' as const), actor: fc.constant('bob') }),
  fc.record({ type: fc.constant('promote' as const), full: fc.boolean(), actor: fc.constant('bob') }),
  fc.record({
    type: fc.constant('rollback' as const),
    rollbackDeploymentId: fc.constantFrom(null, 'dep-9'),
    actor: fc.constant('bob'),
  }),
  fc.record({ type: fc.constant('supersede' as const), by: fc.constant('dep-2'), actor: fc.constant('bob') }),
);

/** What may happen before a look, and how the reconciler may fail in it. */
const turn = fc.record({
  command: often<Command | null>(null, command, 15),
  disturbed: often<['stable' | 'candidate', number][]>(
    [],
    fc.array(fc.tuple(fc.constantFrom('stable' as const, 'candidate' as const), fc.nat(11)), {
      maxLength: 4,
    }),
    3,
  ),
  unconfirmed: often(false, fc.constant(true)),
  predecessor: often<string | null>(null, fc.constant('dep-0')),
  clock: often(0, fc.constantFrom(-30_000, 20_000), 20),
  fault: often<Fault>('none', fc.constantFrom('storedOnly', 'actedOnly', 'halfActed'), 2),
});
type Fault = 'none' | 'storedOnly' | 'actedOnly' | 'halfActed';

interface Case {
  readonly accepted: Accepted;
  readonly behaviour: Omit<Behaviour, 'respond'> & { readonly respond: () => Behaviour['respond'] };
  readonly options: Omit<WorldOptions, 'candidate'>;
}
const anyCase: fc.Arbitrary<Case> = fc.record({ accepted, behaviour: behaviourWith([5, 40, 900]), options });

/** Of these the end depends on what they are, not on when somebody looks. */
const timeless = fc
  .record({ accepted, behaviour: behaviourWith([5, 40]), options })
  .map(({ accepted: given, behaviour, options: { stableInstances, requestsPerSecond } }): Case => {
    const startMs = behaviour.startMs === 9_000 ? 1_500 : behaviour.startMs;
    return {
      accepted: given,
      behaviour: { ...behaviour, startMs, hangsAfterMs: 0 },
      options: { stableInstances, requestsPerSecond: requestsPerSecond === 3 ? 0 : requestsPerSecond * 10 },
    };
  });

class Run {
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
    assert.equal(JSON.stringify(nextStep(this.deployment, observed, this.world.now)), JSON.stringify(step));
    if (fault !== 'actedOnly') this.store(step);
    const actions = fault === 'storedOnly' ? [] : step.actions;
    const done = fault === 'halfActed' ? actions.slice(0, Math.floor(actions.length / 2)) : actions;
    for (const action of done) this.act(action);
    if (fault === 'none') this.checkTraffic();
    return step;
  }

  private store({ state }: NextStep): void {
    const stored = JSON.stringify(state);
    this.deployment = { ...this.deployment, state: JSON.parse(stored) };
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
    assert.ok(this.world.running() <= peakInstances(config, sizes), 'more instances than reserved');
    const readyAfter = this.world.ready('stable') + this.world.ready('candidate');
    if (!isTerminal(state.status))
      assert.ok(readyAfter >= Math.min(readyBefore, promisedCapacity(sizes)), 'less capacity than promised');
  }

  /** Until nothing is left to do, or only a person can go on. */
  toRest(): NextStep {
    this.world.predecessor = null;
    this.world.calm();
    for (let tick = 0; tick < 3_000; tick += 1) {
      const step = this.look();
      if (step.settled || step.waitsFor?.for === 'person' || step.waitsFor?.for === 'approval') return step;
      if (step.nextLookAt !== this.world.now) this.world.pass(1_000);
    }
    throw new Error(`waits for ever: ${JSON.stringify(this.deployment.state)}`);
  }

  get end() {
    const { state } = this.deployment;
    return [state.status, state.ending?.cause.kind ?? state.hold?.cause.kind ?? null, this.world.promoted];
  }
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deeplyFrozen);
  }
  return value;
}

describe('whatever happens to a rollout', () => {
  it('keeps every promise, ends with a reason or waits for a named thing', () => {
    fc.assert(
      fc.property(anyCase, fc.array(turn, { minLength: 10, maxLength: 60 }), (given, turns) => {
        const run = new Run(given);
        for (const { command, disturbed, unconfirmed, predecessor, clock, fault } of turns) {
          for (const [slot, index] of disturbed) run.world.disturb(slot, index);
          if (unconfirmed) run.world.confirmed = false;
          run.world.predecessor = predecessor;
          run.world.now += clock;
          if (command !== null) run.apply(command);
          run.look(fault);
          run.world.pass(1_000);
        }
        const rest = run.toRest();
        for (let tick = 0; tick < 10; tick += 1) {
          run.look();
          run.world.pass(1_000);
        }
        const again = run.look();
        expect([again.changed, again.actions]).toEqual([false, []]);
        if (!rest.settled) expect(['person', 'approval']).toContain(rest.waitsFor?.for);
        if (rest.settled && run.deployment.state.status !== 'Completed') checkReturned(run, given);
      }),
      { numRuns },
    );
  });

  it('keeps capacity and reserves when batches are disturbed and somebody stops them', () => {
    const sizes = fc.integer({ min: 3, max: 12 });
    const disturbed = fc.array(fc.nat(11), { maxLength: 3 });
    const turns = fc.array(disturbed, { minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(sizes, sizes, fc.integer({ min: 1, max: 6 }), turns, (total, stable, batch, all) => {
        const values = { batchSize: String(batch), batchInterval: '0', autoRollback: 'false' };
        const run = new Run({
          accepted: { strategy: 'Rolling', values, totalInstances: total },
          behaviour: { ...good(), startMs: 0, respond: () => steady(0, 40) },
          options: { stableInstances: stable, requestsPerSecond: 10 },
        });
        for (const indexes of all) {
          run.look();
          run.world.pass(500);
          // What is ready again counts again before the next ones are not.
          run.world.calm();
          for (const index of indexes) run.world.disturb('candidate', index);
        }
        run.apply({ type: 'abort', actor: 'bob' });
        run.toRest();
        if (run.deployment.state.status === 'RolledBack') expect(run.world.running()).toBe(stable);
      }),
      { numRuns },
    );
  });

  it('comes to the same end wherever it crashes', () => {
    const faults = fc.array(fc.constantFrom<Fault>('none', 'storedOnly', 'actedOnly', 'halfActed'), {
      minLength: 5,
      maxLength: 80,
    });
    fc.assert(
      fc.property(timeless, faults, (given, faulty) => {
        const undisturbed = new Run(given);
        const crashed = new Run(given);
        const start: Command = { type: 'approve', actor: 'bob' };
        undisturbed.apply(start);
        crashed.apply(start);
        for (const fault of faulty) {
          crashed.look(fault);
          crashed.world.pass(50);
        }
        undisturbed.toRest();
        crashed.toRest();
        expect(crashed.end).toEqual(undisturbed.end);
      }),
      { numRuns },
    );
  });
});

/** Whoever did not complete has given everything back, unless it was completed before and its rollback is another deployment. */
function checkReturned({ world, deployment }: Run, { options: { stableInstances } }: Case): void {
  if (deployment.state.leaving === 'stable') return;
  expect([world.weight, world.promoted]).toEqual([0, false]);
  expect([world.ready('candidate'), world.running(), world.ready('stable')]).toEqual([
    0,
    stableInstances,
    stableInstances,
  ]);
}

import fc from 'fast-check';
import type { Command } from './command.js';
import { anyCase, anyFault, anyTurn, storesFirst, timelessCase } from './simulation/any-case.js';
import { CheckedRollout } from './simulation/checked-rollout.js';
import { good, steady } from './simulation/world.js';

/** Every run has seeds of its own. The long form: ROLLOUT_PROPERTY_RUNS=20000. */
const numRuns = Number(process.env['ROLLOUT_PROPERTY_RUNS'] ?? 100);

describe('whatever happens to a rollout', () => {
  it('keeps every promise, ends with a reason or waits for a named thing', () => {
    fc.assert(
      fc.property(anyCase, fc.array(anyTurn, { minLength: 10, maxLength: 60 }), (given, turns) => {
        const run = new CheckedRollout(given);
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
        if (rest.settled && run.deployment.state.status !== 'Completed') run.checkReturned();
      }),
      { numRuns },
    );
  });

  it('keeps capacity and reserves when batches are disturbed and somebody stops them', () => {
    const sizes = fc.integer({ min: 3, max: 12 });
    const disturbed = fc.array(fc.nat(11), { maxLength: 3 });
    const turns = fc.array(disturbed, { minLength: 8, maxLength: 40 });
    const leaveMs = fc.constantFrom(0, 400, 2_500);
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.integer({ min: 1, max: 6 }),
        turns,
        leaveMs,
        (total, stable, batch, all, leaves) => {
          const values = { batchSize: String(batch), batchInterval: '0', autoRollback: 'false' };
          const run = new CheckedRollout({
            accepted: { strategy: 'Rolling', values, totalInstances: total },
            behaviour: { ...good(), startMs: 0, respond: () => steady(0, 40) },
            options: { stableInstances: stable, requestsPerSecond: 10, leaveMs: leaves },
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
          run.world.pass(leaves);
          if (run.deployment.state.status === 'RolledBack') expect(run.world.running()).toBe(stable);
        },
      ),
      // Once stable gave up what its traffic came back for, and then the candidate what still had some.
      { numRuns, examples: [[3, 7, 3, [[0], [0], [0], [0], [], [11, 1, 0], [], []], 0]] },
    );
  });

  it('comes to the same end wherever it crashes', () => {
    const faults = fc.array(anyFault, { minLength: 5, maxLength: 80 });
    fc.assert(
      fc.property(timelessCase, faults, (given, faulty) => {
        const undisturbed = new CheckedRollout(given);
        const crashed = new CheckedRollout(given);
        const start: Command = { type: 'approve', actor: 'bob' };
        undisturbed.apply(start);
        crashed.apply(start);
        // Who acts before storing loses what was counted in between, and where stages take no time nothing else ever is.
        for (const fault of crashed.isJudgedByChance ? faulty.filter(storesFirst) : faulty) {
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

  it('ends as it would have without a pause, which stops every clock', () => {
    const looks = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(timelessCase, looks, fc.constantFrom(1, 7, 60), (given, before, seconds) => {
        const unpaused = new CheckedRollout(given);
        const paused = new CheckedRollout(given);
        unpaused.apply({ type: 'approve', actor: 'bob' });
        paused.apply({ type: 'approve', actor: 'bob' });
        for (let count = 0; count < before; count += 1) paused.tick();
        const pausedMs = pausedFor(seconds, paused);
        unpaused.toRest();
        paused.toRest();
        expect(paused.end).toEqual(unpaused.end);
        if (pausedMs === null) return;
        // Of what it waits for, instances and gateways go on; everything else takes as long as without.
        const earlier = unpaused.world.now - (paused.world.now - pausedMs);
        expect(earlier).toBeGreaterThanOrEqual(0);
        expect(earlier).toBeLessThanOrEqual(given.behaviour.startMs === Infinity ? 0 : 4_000);
      }),
      { numRuns },
    );
  });
});

/** null: it could not be paused, or what was counted meanwhile took it back. */
function pausedFor(seconds: number, run: CheckedRollout): number | null {
  if (run.deployment.state.status !== 'InProgress') return null;
  run.apply({ type: 'pause', actor: 'bob' });
  const { state } = run.deployment;
  if (state.status !== 'Paused') return null;
  for (let second = 0; second < seconds; second += 1) {
    const step = run.look();
    if (step.state.hold?.cause.kind !== 'person') return null;
    expect([step.nextLookAt, step.waitsFor?.for]).toEqual([null, 'person']);
    expect({ ...step.state, progress: state.progress }).toEqual(state);
    run.world.pass(1_000);
  }
  run.apply({ type: 'resume', actor: 'bob' });
  const pausedMs = seconds * 1_000;
  const { stepSince, progressAt } = run.deployment.state;
  expect([stepSince, progressAt]).toEqual([state.stepSince + pausedMs, state.progressAt + pausedMs]);
  return pausedMs;
}

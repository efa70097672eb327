import fc from 'fast-check';
import type { Command } from './command.js';
import { anyCase, anyFault, anyTurn, timelessCase } from './simulation/any-case.js';
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
    fc.assert(
      fc.property(sizes, sizes, fc.integer({ min: 1, max: 6 }), turns, (total, stable, batch, all) => {
        const values = { batchSize: String(batch), batchInterval: '0', autoRollback: 'false' };
        const run = new CheckedRollout({
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
      // Once stable gave up what its traffic came back for, and then the candidate what still had some.
      { numRuns, examples: [[3, 7, 3, [[0], [0], [0], [0], [], [11, 1, 0], [], []]]] },
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

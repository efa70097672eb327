import { applyCommand } from './apply-command.js';
import { canary, command, endOf, observing, rollout, until } from './simulation/examples.js';
import { steady } from './simulation/world.js';

describe('people', () => {
  it('pause every clock and deadline, and resume where it was', () => {
    const run = rollout(canary);
    until(run, observing(10));
    const { stepSince } = run.deployment.state;
    command(run, { type: 'pause', actor: 'bob', comment: 'lunch' });
    run.world.pass(3_600_000);
    const paused = run.look();
    expect([paused.nextLookAt, paused.waitsFor?.text]).toEqual([
      null,
      'Paused at stage 10 %: paused by bob: lunch',
    ]);
    command(run, { type: 'resume', actor: 'bob' });
    expect(run.deployment.state.stepSince).toBe(stepSince + 3_600_000);
    expect(endOf(run).status).toBe('Completed');
  });

  it('do not pause the judgement', () => {
    const run = rollout(canary, { respond: steady(0.33, 40) }, { requestsPerSecond: 20 });
    until(run, observing(10));
    command(run, { type: 'pause', actor: 'bob' });
    run.world.pass(60_000);
    expect(run.look().state.status).toBe('RolledBack');
  });

  it('promote one stage, which then takes no time', () => {
    const run = rollout(canary);
    until(run, observing(10));
    const at = run.world.now;
    command(run, { type: 'promote', full: false, actor: 'bob' });
    until(run, observing(30));
    expect(run.world.now - at).toBeLessThan(10_000);
    expect(run.deployment.state.skips).toBeNull();
    expect(run.history.map(({ text }) => text)).toContain('Skipped stage 10 %: promoted by bob');
  });

  it('promote all of it', () => {
    const run = rollout(canary);
    until(run, observing(10));
    const at = run.world.now;
    command(run, { type: 'promote', full: true, actor: 'bob' });
    expect(endOf(run)).toEqual({ status: 'Completed', reason: 'Completed: promoted by bob' });
    expect(run.world.now - at).toBeLessThan(20_000);
  });

  it('resume what was held at a breach: the evidence begins anew', () => {
    const run = rollout(
      { ...canary, values: { ...canary.values, autoRollback: 'false' } },
      { respond: steady(0.33, 40) },
    );
    run.run();
    const { round } = run.deployment.state;
    command(run, { type: 'resume', actor: 'bob' });
    run.look();
    expect(run.deployment.state).toMatchObject({ status: 'InProgress', round: round + 1 });
    run.run();
    expect(run.deployment.state.status).toBe('Paused');
  });

  it('go on after crashes that they have seen', () => {
    const run = rollout({ ...canary, values: { ...canary.values, autoRollback: 'false' } });
    until(run, observing(30));
    const set = run.world.observed().candidate;
    const crashed = { ...set, instances: set.instances.map((each) => ({ ...each, crashes: 1 })) };
    const observed = { ...run.world.observed(), candidate: crashed };
    run.world.observed = () => observed;
    expect(run.look().waitsFor?.text).toMatch(/3 of 3 instances crashed/);
    command(run, { type: 'resume', actor: 'bob' });
    expect(run.look().state.status).toBe('InProgress');
  });

  it('abort, and what is stable again stays ready when the clock of the database is set back', () => {
    const one = { strategy: 'Rolling', values: { batchSize: '1' }, totalInstances: 1 } as const;
    const run = rollout(one, {}, { stableInstances: 1 });
    until(run, observing(100));
    command(run, { type: 'abort', actor: 'bob' });
    run.run();
    run.world.now -= 30_000;
    expect([run.look().settled, run.world.ready('stable'), run.world.running()]).toEqual([true, 1, 1]);
  });

  it('abort before the start: nothing was moved', () => {
    const run = rollout({ ...canary, needsApproval: true });
    expect(run.run().waitsFor?.for).toBe('approval');
    command(run, { type: 'abort', actor: 'bob' });
    expect(endOf(run)).toEqual({
      status: 'RolledBack',
      reason: 'Rolled back before the start: aborted by bob',
    });
    expect(run.world.running()).toBe(10);
  });

  it('approve what others asked for', () => {
    const run = rollout({ ...canary, needsApproval: true });
    run.run();
    expect(applyCommand(run.deployment, { type: 'approve', actor: 'alice' }, 0)).toEqual({
      ok: false,
      reason: 'alice has requested it and cannot approve it',
    });
    command(run, { type: 'approve', actor: 'bob' });
    expect(endOf(run).status).toBe('Completed');
  });

  it('reject', () => {
    const run = rollout({ ...canary, needsApproval: true });
    command(run, { type: 'reject', actor: 'bob', comment: 'not on a Friday' });
    expect(endOf(run)).toEqual({
      status: 'Failed',
      reason: 'Failed before the start: rejected by bob: not on a Friday',
    });
  });

  it('replace it by a newer one, which waits until it has left', () => {
    const run = rollout(canary);
    until(run, observing(30));
    command(run, { type: 'supersede', by: 'dep-2', actor: 'bob' });
    expect(endOf(run)).toEqual({
      status: 'Failed',
      reason: 'Failed at stage 30 %: replaced by dep-2 of bob',
    });
    expect(run.deployment.state.ending?.supersededBy).toBe('dep-2');
    const next = rollout(canary);
    next.world.predecessor = 'dep-1';
    expect(next.look().waitsFor).toEqual({ for: 'predecessor', text: 'dep-1 is still leaving' });
    next.world.predecessor = null;
    expect(endOf(next).status).toBe('Completed');
  });

  it('roll back what is completed by a deployment of its own, and the old set goes on leaving', () => {
    const run = rollout(canary);
    until(run, ({ deployment }) => deployment.state.status === 'Completed');
    command(run, { type: 'rollback', rollbackDeploymentId: 'dep-9', actor: 'bob' });
    expect(endOf(run)).toEqual({
      status: 'RolledBack',
      reason: 'Rolled back at stage 100 %: rolled back by bob',
    });
    expect(run.deployment.state.ending?.rollbackDeploymentId).toBe('dep-9');
    expect(run.world.observed().stable?.fate).toBe('gone');
    expect(run.world.ready('candidate')).toBe(10);
  });

  it('are told why something is not possible, and what is', () => {
    const run = rollout(canary);
    endOf(run);
    expect(applyCommand(run.deployment, { type: 'pause', actor: 'bob' }, 0)).toEqual({
      ok: false,
      reason:
        'pause is not possible while the deployment is Completed (Completed: error rate 0.2 % of 12,200 requests, threshold 5 %); possible: rollback',
    });
  });
});

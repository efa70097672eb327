import { applyCommand } from './apply-command.js';
import type { Deployment } from './deployment.js';
import { newRollout } from './new-rollout.js';
import { nextStep } from './next-step.js';
import type { Observed, ObservedDependency } from './observed.js';
import { parseStrategyConfig } from './parse-strategy-config.js';
import { noSamples } from './samples.js';

const parsed = parseStrategyConfig('Canary', {});
if (!parsed.ok) throw new Error('no config');
const accepted = (needsApproval = false): Deployment => ({
  id: 'dep-1',
  config: parsed.config,
  totalInstances: 1,
  requestedBy: 'ada',
  state: newRollout(1_000, { needsApproval }),
});
const dependency = (
  state: ObservedDependency['state'],
  deploymentId = 'dep-0',
  reason: string | null = null,
): ObservedDependency => ({ deploymentId, pluginId: 'auth-lib', version: '1.2.0', state, reason });
const look = (deployment: Deployment, dependencies: readonly ObservedDependency[]) => {
  const observed: Observed = {
    candidate: { desired: 0, fate: 'live', instances: [], samples: noSamples },
    stable: null,
    route: { weight: 0, confirmed: true, promoted: false },
    predecessor: null,
    dependencies,
    smokeTests: null,
  };
  return nextStep(deployment, observed, 2_000);
};

describe('a deployment with dependencies', () => {
  it('waits until all of them are completed, and says for which; nothing but an event changes that', () => {
    const { state, waitsFor, nextLookAt, actions, changed } = look(accepted(), [
      dependency('completed'),
      dependency('moving', 'dep-9'),
    ]);
    expect([state.status, changed, nextLookAt, actions]).toEqual(['Pending', false, null, []]);
    expect(waitsFor).toEqual({
      for: 'dependencies',
      text: 'its dependencies are being installed: auth-lib 1.2.0 by dep-9',
    });
  });

  it('starts then', () => {
    expect(look(accepted(), [dependency('completed')]).state.status).toBe('InProgress');
    expect(look(accepted(true), [dependency('completed')]).waitsFor?.for).toBe('approval');
  });

  it.each([true, false])('fails when one of them ended otherwise (needs approval: %j)', (needsApproval) => {
    const { state, history } = look(accepted(needsApproval), [
      dependency('moving'),
      dependency('ended', 'dep-9', 'Failed at the first deployment: no room'),
    ]);
    expect(state).toMatchObject({
      status: 'Failed',
      ending: {
        reason:
          'Failed before the start: its dependency auth-lib 1.2.0 was not installed by dep-9: Failed at the first deployment: no room',
      },
    });
    expect(history.map(({ event }) => event)).toEqual(['Failed']);
  });

  it('can be given up while it waits', () => {
    expect(applyCommand(accepted(), { type: 'abort', actor: 'ada' }, 2_000)).toMatchObject({
      ok: true,
      state: { status: 'RolledBack' },
    });
  });

  it('does not look back once it has started', () => {
    const { state } = look(accepted(), [dependency('completed')]);
    expect(look({ ...accepted(), state }, [dependency('ended')]).state.status).toBe('InProgress');
  });
});

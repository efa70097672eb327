import { holdEndsAt } from './deadline.js';
import { currentStage, type Look } from './look.js';
import type { Wait } from './next-step-answer.js';
import { missingDependencies } from './missing-dependencies.js';
import type { Observed } from './observed.js';
import { readyInstances } from './ready-instances.js';
import { pendingSmokeTests } from './smoke-tests.js';
import { hasReturned } from './return-traffic.js';
import { counted } from './wording.js';

/** What has to happen before the rollout moves on; null when there is nothing more to come. */
export function waitOf(look: Look): Wait | null {
  const { state, observed, now } = look;
  if (state.status === 'Paused') return { for: 'person', text: state.hold?.text ?? 'paused' };
  switch (state.step) {
    case 'waiting':
      if (state.approval === 'awaited') return { for: 'approval', text: 'an approval is awaited' };
      if (missingDependencies(observed).length > 0) return waitForDependencies(observed);
      return { for: 'predecessor', text: `${observed.predecessor ?? 'nobody'} is still leaving` };
    case 'scaling':
      return waitForInstances(look) ?? { for: 'instances', text: 'the next stage begins' };
    case 'testing':
      return {
        for: 'smokeTests',
        text: `smoke tests of ${pendingSmokeTests(currentStage(look), observed).join(', ')} have no result`,
      };
    case 'routing':
      return {
        for: 'gateways',
        text: `not every gateway serves the weight of ${currentStage(look).weight} %`,
      };
    case 'observing':
      return now < holdEndsAt(look)
        ? { for: 'time', text: `${currentStage(look).name} is watched` }
        : (waitForInstances(look) ?? waitForReduction(look) ?? { for: 'time', text: 'the stage ends' });
    case 'promoting':
      return { for: 'promotion', text: 'the new release becomes stable' };
    case 'returning': {
      const returned = hasReturned(look);
      return returned === true ? { for: 'gateways', text: 'traffic has returned' } : returned;
    }
    case 'settling':
      return { for: 'oldInstances', text: `instances of ${state.leaving ?? 'neither'} are leaving` };
    case 'settled':
      return null;
  }
}

function waitForDependencies(observed: Observed): Wait {
  const told = missingDependencies(observed).map(
    ({ pluginId, version, deploymentId }) => `${pluginId} ${version} by ${deploymentId}`,
  );
  return { for: 'dependencies', text: `its dependencies are being installed: ${told.join(', ')}` };
}

/** All that the stage asks for; null when they are ready. */
export function waitForInstances(look: Look): Wait | null {
  const wanted = currentStage(look).candidate;
  return look.ready >= wanted
    ? null
    : { for: 'instances', text: `${look.ready} of ${counted(wanted, 'instance')} ready` };
}

/** The next batch has room only when this one's predecessors have ended. */
export function waitForReduction(look: Look): Wait | null {
  const { state, observed } = look;
  const left = currentStage(look).stable;
  const running = observed.stable?.instances.length ?? 0;
  if (left >= (state.stableInstances ?? 0) || (running <= left && (observed.stable?.desired ?? 0) <= left))
    return null;
  const ready = readyInstances(observed.stable);
  return { for: 'oldInstances', text: `${running} old instances run (${ready} ready), ${left} are to stay` };
}

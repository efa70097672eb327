import { conflict } from '@switchyard/errors';
import type { Orchestrator } from '../orchestrators/orchestrator.js';
import type { PinnedVersion } from '../registry-door.js';

export function mustBeStored({ pluginId, version, stored }: PinnedVersion): void {
  if (!stored)
    throw conflict(
      `The artefact of ${pluginId} ${version} is not in the registry's store: upload it before it is deployed`,
    );
}

export function mustBeRunnable(
  orchestrator: Orchestrator,
  { pluginId, version, runtime, resources }: PinnedVersion,
): void {
  const support = orchestrator.supports(runtime, resources);
  if (!support.supported)
    throw conflict(`${pluginId} ${version} cannot run here: ${support.missing}. ${support.fix}`);
}
